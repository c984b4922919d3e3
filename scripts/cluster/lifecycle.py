"""Brings the cluster up, repairs it, and takes it down.

``up`` compares what runs with what should run and starts what is missing or out of date: the same path for the first start, for a
second ``up``, and for a component that died.
"""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts.cluster import containerd, health
from scripts.cluster.addons import ensure_addons
from scripts.cluster.build import ensure_binaries, missing_binaries
from scripts.cluster.components import Component, components
from scripts.cluster.console import say, step
from scripts.cluster.errors import ClusterError
from scripts.cluster.images import PAUSE_IMAGE, base_image, cluster_images
from scripts.cluster.leftovers import clear, remains
from scripts.cluster.lock import locked
from scripts.cluster.node import prepare_node
from scripts.cluster.owner import claim, release
from scripts.cluster.ownership import container_processes
from scripts.cluster.packages import ensure_packages
from scripts.cluster.paths import Layout, cache_root, machine_lock
from scripts.cluster.processes import end, is_running, read_record
from scripts.cluster.starting import missing, sick, start_components, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["down", "up"]

_READY_SECONDS = 90.0


def _is_dead(layout: Layout, wanted: Sequence[Component]) -> bool:
    """Whether nothing of a cluster is left to repair: no process runs, its start was cut off, or keys or database are gone."""
    alive = any(is_running(read_record(layout.records, component.name)) for component in wanted)
    return not alive or not all(path.exists() for path in (layout.started, layout.pki / "complete", layout.etcd))


def _forget_old_containers(layout: Layout, runtime: Component) -> None:
    # After a kill -9 containerd still knows the dead cluster's containers; its kubelet part reads them at start only.
    if containerd.remove_containers(layout):
        record = read_record(layout.records, runtime.name)
        end({record.pid: record.ticks} if record else {})
        start_components(layout, [runtime])


def _load(layout: Layout, archives: Sequence[Path]) -> None:
    for archive in archives:
        containerd.load(archive, layout)


def _start_fresh(layout: Layout, wanted: Sequence[Component], archives: Sequence[Path]) -> None:
    if remains(layout) or layout.disposable():
        with step("clear what an earlier cluster left"):
            clear(layout)
    shutil.rmtree(layout.logs, ignore_errors=True)
    prepare_node(layout, PAUSE_IMAGE)
    runtime = next(component for component in wanted if component.name == "containerd")
    start_components(layout, [runtime])
    _forget_old_containers(layout, runtime)
    containerd.forget_images(layout, (cache_root() / "images").glob("*.tar"))
    with ThreadPoolExecutor(1) as pool:  # images come in while the API server starts
        loading = pool.submit(_load, layout, archives)
        start_components(
            layout, [component for component in wanted if component is not runtime and not component.needs_api]
        )
        loading.result()
    start_components(layout, [component for component in wanted if component.needs_api])
    layout.started.touch()


def _repair(layout: Layout, wanted: Sequence[Component], archives: Sequence[Path]) -> None:
    # First those that ended: what is not well may only be waiting for them.
    for find in (missing, sick):
        broken = find(layout, wanted)
        if broken:
            say(f"to be started again: {', '.join(component.name for component in broken)}")
            prepare_node(layout, PAUSE_IMAGE)
            start_components(layout, broken)
    _load(layout, archives)


def _wait_ready(layout: Layout) -> None:
    if health.node_health(layout) == health.HEALTHY and health.dns_health() == health.HEALTHY:
        return
    with step("wait for the node and cluster DNS"):
        wait_until("wait for the node", lambda: health.node_health(layout), seconds=_READY_SECONDS)
        wait_until("wait for cluster DNS", health.dns_health, seconds=_READY_SECONDS)


def _build() -> list[Path]:
    if missing_binaries():
        with ThreadPoolExecutor(1) as pool:  # the base image waits for the network, the binaries for the processor
            base = pool.submit(base_image)
            ensure_binaries()
            base.result()
    return cluster_images()


def up(layout: Layout) -> None:
    """Bring the cluster up, or repair what is broken of a running one.

    Raises:
        ClusterError: A step failed; step, reason and log are named.
    """
    began = time.monotonic()
    ensure_packages()
    archives = _build()
    with locked(machine_lock(), "bringing the cluster up"):
        claim(layout)
        wanted = components(layout, PAUSE_IMAGE)
        (_start_fresh if _is_dead(layout, wanted) else _repair)(layout, wanted, archives)
        ensure_addons(layout)
        _wait_ready(layout)
    say(f"the cluster is up ({time.monotonic() - began:.1f} s); kubeconfig: {layout.kubeconfig}")


def _end_gently(layout: Layout) -> None:
    """End components and containers while containerd can still tidy up; `clear` does the rest by force."""
    records = [read_record(layout.records, path.stem) for path in layout.records.glob("*.json")]
    end(
        {one.pid: one.ticks for one in records if one is not None and one.name != "containerd" and is_running(one)},
        grace=1.0,
    )
    end(container_processes(), grace=0)
    if containerd.is_answering(layout):
        try:
            containerd.remove_containers(layout)
        except ClusterError as error:
            say(f"containerd could not tidy up ({error.reason}); clearing by force")


def down(layout: Layout, *, purge: bool = False) -> None:
    """Take the cluster down and leave nothing of it but images and logs.

    Args:
        layout: Whose.
        purge: Remove images and logs of the state folder as well; the cache stays.

    Raises:
        ClusterError: Something of it cannot be removed; it is named.
    """
    with locked(machine_lock(), "taking the cluster down"):
        claim(layout)
        with step("take the cluster down"):
            _end_gently(layout)
            clear(layout)
            if purge:
                shutil.rmtree(layout.root, ignore_errors=True)
            release()
    left = remains(layout)
    if left:
        raise ClusterError("take the cluster down", f"still there: {'; '.join(left)}")
