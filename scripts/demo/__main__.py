"""Command line of the demo: ``python -m scripts.demo up|status|journey|down``; ``CONTEXT=<name>`` uses a cluster of yours."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from frame_tracking.tree import tree

from scripts.cluster.build import ensure_binaries
from scripts.cluster.console import say
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import Layout
from scripts.cluster.privileges import require_root
from scripts.demo import forwards
from scripts.demo.down import take_down
from scripts.demo.journeys import find_journey, newest_journey
from scripts.demo.pipeline import read_example, ready_state
from scripts.demo.places import JAEGER_PORT, OTLP_PORT, PROMETHEUS_PORT
from scripts.demo.target import Target
from scripts.demo.up import bring_up

if TYPE_CHECKING:
    from frame_tracking.journey import Journey

    from scripts.demo.pipeline import Example

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Frametrace's demo.")
_Kubeconfig = Annotated[
    str, typer.Option(envvar="KUBECONFIG", help="Where CONTEXT is; kubectl's default when left out.")
]
_Context = Annotated[
    str, typer.Option(envvar="CONTEXT", help="A context of your kubeconfig; the local cluster when left out.")
]


@app.command()
def up(context: _Context = "", kubeconfig: _Kubeconfig = "") -> None:
    """Bring the demo up, or up to date, and show a frame's journey."""
    target = _as_root("up", context, kubeconfig)
    example = bring_up(target)
    _show(target, example, newest_journey(example.topology))


@app.command()
def status(context: _Context = "", kubeconfig: _Kubeconfig = "") -> None:
    """Show the pipeline, its pods and the forwards. Ends with code 1 unless the pipeline is Ready and the ports are forwarded."""
    target, example = Target(context, kubeconfig), read_example()
    print(target.ask("list pipelines", "get", "camerapipelines", "-A").rstrip())
    print(target.ask("list pods", "-n", example.namespace, "get", "pods").rstrip())
    resource = target.read("read the pipeline", "-n", example.namespace, "camerapipeline", example.name)
    ready, reason = ready_state(resource)
    print(f"Ready: {ready} ({reason}); ports forwarded: {forwards.is_forwarding()}")
    raise typer.Exit(0 if ready and forwards.is_forwarding() else 1)


@app.command()
def journey(frame_id: Annotated[str, typer.Argument(help="A frame ID; a fresh frame when left out.")] = "") -> None:
    """Show a frame's journey as a tree with times."""
    found = find_journey(frame_id) if frame_id else newest_journey(read_example().topology)
    print("\n".join(tree(found)))


@app.command()
def down(context: _Context = "", kubeconfig: _Kubeconfig = "") -> None:
    """Take the demo down: the local cluster with it, or from your cluster what the demo put there."""
    take_down(_as_root("down", context, kubeconfig))


def _as_root(command: str, context: str, kubeconfig: str) -> Target:
    if command == "up" and os.geteuid() != 0:
        ensure_binaries()  # as the caller, whose Go and whose caches they are
    passed = [f"--{name}={value}" for name, value in (("context", context), ("kubeconfig", kubeconfig)) if value]
    require_root(["-m", "scripts.demo", command, *passed])  # the images' builds need it even where the cluster does not
    return Target(context, kubeconfig)


def _show(target: Target, example: Example, newest: Journey) -> None:
    frame = newest.frame_id or ""
    export = (
        f"export KUBECONFIG={Layout.of_user().kubeconfig}" if target.is_local else f"kubectl --context {target.context}"
    )
    print(f"\n$ kubectl get camerapipelines -n {example.namespace}")
    print(target.ask("list pipelines", "-n", example.namespace, "get", "camerapipelines").rstrip())
    print(f"\nA fresh frame: {frame}\n\nIts journey:")
    print("\n".join(tree(find_journey(frame))))
    print(f"""
Jaeger       http://localhost:{JAEGER_PORT}/api/traces/{newest.trace_id}
             http://localhost:{JAEGER_PORT}/api/services
OTLP/HTTP    http://localhost:{OTLP_PORT}
Prometheus   http://localhost:{PROMETHEUS_PORT}/graph?g0.expr=frame_processing_duration&g0.tab=0

Go on with
  {export}
  .venv/bin/python -m scripts.demo journey {frame}
  make demo-down""")


def main() -> int:
    """Run the command line; a failed step is told with its reason and log, with code 1."""
    try:
        app(standalone_mode=True)
    except ClusterError as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
