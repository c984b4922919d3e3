"""Starts components in order and waits until each is well; used alike for a fresh cluster and for repairs."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts.cluster import health
from scripts.cluster.console import step
from scripts.cluster.errors import ClusterError
from scripts.cluster.network import require_free_ports
from scripts.cluster.processes import MARKER, end, is_running, read_record, start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.cluster.components import Component
    from scripts.cluster.paths import Layout

__all__ = ["is_current", "missing", "sick", "start_components", "wait_until"]

_HEALTH_SECONDS = 90.0
_RECOVERY_SECONDS = 10.0
_POLL_SECONDS = 0.1
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def is_current(layout: Layout, component: Component) -> bool:
    """Whether a component runs, with the command and configuration that it should have."""
    record = read_record(layout.records, component.name)
    return record is not None and record.fingerprint == component.fingerprint and is_running(record)


def missing(layout: Layout, wanted: Sequence[Component]) -> list[Component]:
    """The components that do not run, or not as they should."""
    return [component for component in wanted if not is_current(layout, component)]


def sick(layout: Layout, wanted: Sequence[Component]) -> list[Component]:
    """The components that are not well, and do not become so within a time that their peers' restart explains."""

    def recovers(component: Component) -> bool:
        try:
            wait_until(
                f"wait for {component.name}",
                component.health,
                seconds=_RECOVERY_SECONDS,
                alive=lambda: is_current(layout, component),
            )
        except ClusterError:
            return False
        return True

    with ThreadPoolExecutor(len(wanted)) as pool:
        well = list(pool.map(recovers, wanted))
    return [component for component, fine in zip(wanted, well, strict=True) if not fine]


def wait_until(
    what: str, probe: Callable[[], str], *, seconds: float, alive: Callable[[], bool] = lambda: True
) -> None:
    """Poll until a probe answers that all is well.

    Raises:
        ClusterError: It does not within the time, or what it asks has ended; the last reason is told.
    """
    deadline = time.monotonic() + seconds
    while (reason := probe()) != health.HEALTHY:
        if not alive():
            raise ClusterError(what, "the process ended")
        if time.monotonic() > deadline:
            raise ClusterError(what, f"not within {seconds:.0f} s; last: {reason}")
        time.sleep(_POLL_SECONDS)


def _launch(layout: Layout, component: Component) -> None:
    old = read_record(layout.records, component.name)
    if old is not None and is_running(old):
        end({old.pid: old.ticks})
    require_free_ports([component.name])
    try:
        start(
            component.name,
            component.command,
            records=layout.records,
            log=layout.logs / f"{component.name}.log",
            environment={"PATH": _PATH, "HOME": str(layout.root), MARKER: str(layout.root)},
            fingerprint=component.fingerprint,
        )
    except OSError as error:
        raise ClusterError(f"start {component.name}", f"{component.command[0]}: {error.strerror}") from error


def _wait(layout: Layout, component: Component) -> None:
    try:
        wait_until(
            f"wait for {component.name}",
            component.health,
            seconds=_HEALTH_SECONDS,
            alive=lambda: is_current(layout, component),
        )
    except ClusterError as error:
        raise ClusterError(error.step, error.reason, layout.logs / f"{component.name}.log") from error


def _start_together(layout: Layout, group: Sequence[Component]) -> None:
    if not group:
        return
    with step(f"start {', '.join(component.name for component in group)}"):
        for component in group:
            _launch(layout, component)
        with ThreadPoolExecutor(len(group)) as pool:
            list(pool.map(lambda component: _wait(layout, component), group))


def start_components(layout: Layout, wanted: Sequence[Component]) -> None:
    """Start components, first those that the API server needs and itself, then those that need it.

    Raises:
        ClusterError: A port is taken, or a component ended or did not become well; its log is named.
    """
    _start_together(layout, [component for component in wanted if not component.needs_api])
    _start_together(layout, [component for component in wanted if component.needs_api])
