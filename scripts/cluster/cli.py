"""The command line of the local cluster."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scripts.cluster import containerd, health, lifecycle
from scripts.cluster.build import binary, ensure_binaries
from scripts.cluster.components import components
from scripts.cluster.console import say
from scripts.cluster.errors import ClusterError
from scripts.cluster.images import PAUSE_IMAGE
from scripts.cluster.packages import ensure_packages, missing_packages
from scripts.cluster.paths import Layout, cache_root
from scripts.cluster.pins import CONTEXT, KUBERNETES_VERSION, MODULES
from scripts.cluster.privileges import give_to_caller, require_root
from scripts.cluster.processes import is_running, read_record

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help=f"""A real one-node Kubernetes {KUBERNETES_VERSION} on this machine, for Frametrace's demo and end-to-end tests.

It is built from pinned sources, needs no image registry, and has pods, Services, cluster DNS, logs, exec, port-forward and an audit log.
There is one a machine. Needs Debian 12, root or sudo, and Go 1.26 or newer; missing Debian packages are installed by `up`.

**Typical use**

* `python -m scripts.cluster up` - build what is missing, start or repair, wait until DNS answers
* `export KUBECONFIG=$(python -m scripts.cluster kubeconfig)` - then `kubectl get nodes`, context `{CONTEXT}`
* `python -m scripts.cluster load image.tar` - give an OCI archive to the node
* `python -m scripts.cluster down` - leave no process, mount, link, nftables table or cgroup

Binaries and images are cached below `$XDG_CACHE_HOME/frametrace` (default `~/.cache/frametrace`), state and logs are below
`$XDG_STATE_HOME/frametrace/cluster` (default `~/.local/state/frametrace/cluster`). `~/.kube/config` is never touched.""",
)


def _as_root() -> None:
    require_root(["-m", "scripts.cluster", *sys.argv[1:]])


@app.command()
def up() -> None:
    """Bring the cluster up, or repair a running one; a fast check when all is well."""
    if os.geteuid() != 0:
        ensure_binaries()  # as the caller, whose Go and whose caches they are
    _as_root()
    layout = Layout.of_user()
    lifecycle.up(layout)
    give_to_caller(layout.kubeconfig)


@app.command()
def down(
    *,
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove the node's images and logs too; the cache stays.")
    ] = False,
) -> None:
    """Take the cluster down; nothing of it stays but images and logs."""
    _as_root()
    lifecycle.down(Layout.of_user(), purge=purge)


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s"


@app.command()
def status() -> None:
    """Show each component's process, health and age. Ends with code 1 unless all are well."""
    _as_root()
    layout = Layout.of_user()
    table = Table("COMPONENT", "PID", "HEALTH", "AGE", box=None)
    well = True
    for component in components(layout, PAUSE_IMAGE):
        record = read_record(layout.records, component.name)
        running = is_running(record)
        reason = component.health() if running else "not running"
        pid, age = (str(record.pid), _age(time.time() - record.started)) if running and record else ("-", "-")
        table.add_row(component.name, pid, reason or "ok", age)
        well = well and reason == health.HEALTHY
    for name, reason in (("node", health.node_health(layout)), ("cluster DNS", health.dns_health())):
        table.add_row(name, "-", reason or "ok", "-")
        well = well and reason == health.HEALTHY
    Console(soft_wrap=True).print(table)
    say(f"logs: {layout.logs}")
    raise typer.Exit(0 if well else 1)


@app.command()
def logs(
    component: Annotated[str, typer.Argument(help="As in `status`, or `audit`.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.")] = 100,
) -> None:
    """Print the end of a component's log."""
    _as_root()
    layout = Layout.of_user()
    log = layout.logs / f"{component}.log"
    if not log.exists():
        known = ", ".join(sorted(path.stem for path in layout.logs.glob("*.log"))) or "none: the cluster has not run"
        raise ClusterError(f"show the log of {component}", f"there is no such log; there are: {known}")
    os.execvp("tail", ["tail", f"--lines={lines}", *(["--follow=name", "--retry"] if follow else []), str(log)])  # noqa: S606 - no shell


def _products() -> list[str]:
    return sorted(name for module in MODULES for name in module.products)


@app.command()
def build(
    also: Annotated[list[str] | None, typer.Argument(help="Programs beside the cluster's own: argocd, kwok.")] = None,
) -> None:
    """Install missing Debian packages and build missing binaries; `up` does it too."""
    unknown = [name for name in also or () if name not in _products()]
    if unknown:
        raise ClusterError(f"build {', '.join(unknown)}", f"known are: {', '.join(_products())}")
    if os.geteuid() == 0:
        ensure_packages()  # first: Go needs the machine's certificates
    ensure_binaries(*(also or ()))
    if missing_packages():
        _as_root()
    say(f"all binaries are in {cache_root() / 'bin'}")


@app.command()
def load(archives: Annotated[list[Path], typer.Argument(help="OCI archives with a named image.", exists=True)]) -> None:
    """Give images to the node; one that is there with the same digest is not imported again."""
    _as_root()
    for archive in archives:
        print(containerd.load(archive))


@app.command()
def kubeconfig() -> None:
    """Print the path of the cluster's kubeconfig."""
    print(Layout.of_user().kubeconfig)


@app.command()
def path(
    name: Annotated[
        str, typer.Argument(help="A binary such as `kubectl` or `helm`, or: state, cache, logs, audit, kubeconfig.")
    ],
) -> None:
    """Print where something is."""
    layout = Layout.of_user()
    places = {
        "state": layout.root,
        "cache": cache_root(),
        "logs": layout.logs,
        "audit": layout.audit_log,
        "kubeconfig": layout.kubeconfig,
        **{name: binary(name) for name in _products()},
    }
    if name not in places:
        raise ClusterError(f"find {name}", f"known are: {', '.join(sorted(places))}")
    print(places[name])


def main() -> None:
    """Run the command line; a failed step is told in one sentence, with code 1."""
    try:
        app()
    except ClusterError as error:
        say(f"error: {error}")
        sys.exit(1)
