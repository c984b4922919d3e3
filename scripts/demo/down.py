"""Takes the demo down: the local cluster with all in it, or from a user's cluster exactly what the demo put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frametrace_api.group import CRD_NAME

from scripts.cluster import lifecycle
from scripts.cluster.commands import answer
from scripts.cluster.console import say, step
from scripts.cluster.paths import Layout
from scripts.demo import forwards
from scripts.demo.install import owns_definition
from scripts.demo.pipeline import read_example
from scripts.demo.places import CAMERAS, LABEL, MONITORING, RELEASE, SYSTEM

if TYPE_CHECKING:
    from scripts.demo.target import Target

__all__ = ["take_down"]

_GONE = ("--ignore-not-found", "--wait", "--timeout=120s")


def take_down(target: Target) -> None:
    """Remove the demo; safe when there is none, or only a part.

    Raises:
        ClusterError: something cannot be removed; it is named.
    """
    with step("end the port forwards"):
        forwards.stop()
    if target.is_local:
        lifecycle.down(Layout.of_user())
    else:
        _remove(target)


def _remove(target: Target) -> None:
    example = read_example()
    ours = owns_definition(target)
    if ours is not None:
        with step("remove the pipeline and what the operator made for it"):
            target.ask("remove the pipeline", "-n", example.namespace, "delete", "camerapipeline", example.name, *_GONE)
    with step("uninstall the chart"):
        answer("uninstall the chart", target.helm("uninstall", RELEASE, "-n", SYSTEM, "--ignore-not-found", "--wait"))
        if ours:
            _remove_definition(target)
    with step("remove Prometheus and the camera"):
        target.ask("remove the camera", "-n", CAMERAS, "delete", "deployment,service", "camera", *_GONE)
        own = ("deployment,service,configmap,serviceaccount", "frametrace-prometheus")
        target.ask("remove Prometheus", "-n", MONITORING, "delete", *own, *_GONE)
        roles = ("clusterrole,clusterrolebinding", "frametrace-demo-prometheus")
        target.ask("remove Prometheus's role", "delete", *roles, *_GONE)
        target.ask("remove the demo's namespaces", "delete", "namespace", "-l", f"{LABEL}=true", *_GONE)


def _remove_definition(target: Target) -> None:
    """Remove the CRD, unless pipelines of the user's own would go with it."""
    others = target.ask("look for other pipelines", "get", "camerapipelines", "-A", "-o", "name").split()
    if others:
        say(f"  the definition of CameraPipelines stays: {len(others)} pipelines of yours need it")
    else:
        target.ask("remove the CRD", "delete", "crd", CRD_NAME, *_GONE)
