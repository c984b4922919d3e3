"""The demo's steps up, in their order. Each is safe to run again; a failure is a `ClusterError` that names it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts.cluster import lifecycle
from scripts.cluster.build import ensure_binaries
from scripts.cluster.console import say, step
from scripts.cluster.errors import ClusterError
from scripts.cluster.packages import ensure_packages
from scripts.cluster.paths import Layout
from scripts.cluster.privileges import give_to_caller
from scripts.demo import forwards
from scripts.demo.install import Images, install_camera, install_chart, install_prometheus
from scripts.demo.pipeline import apply_example, read_example, wait_ready
from scripts.demo.places import JAEGER_PORT, MONITORING, OTLP_PORT, PROMETHEUS_PORT, state
from scripts.images.build import build, third_party
from scripts.images.load import load

if TYPE_CHECKING:
    from scripts.demo.pipeline import Example
    from scripts.demo.target import Target
    from scripts.images.build import BuiltImage

__all__ = ["bring_up", "cluster_and_images", "forward_ports"]


def bring_up(target: Target) -> Example:
    """Bring the whole demo up and return the pipeline that runs.

    Raises:
        ClusterError: a step failed; the error names it, the reason and the log.
    """
    began = time.monotonic()
    state().mkdir(parents=True, exist_ok=True)
    example = read_example()
    ensure_packages()
    ensure_binaries()
    images = cluster_and_images(target)
    with step("install Prometheus, the camera and the chart (the operator)"), ThreadPoolExecutor() as pool:
        for done in [
            pool.submit(install_prometheus, target, images),
            pool.submit(install_camera, target, images),
            pool.submit(install_chart, target, images),
        ]:
            done.result()
    with step(f"apply {example.file.name} and wait until {example.namespace}/{example.name} is Ready"):
        apply_example(target, example)
        wait_ready(target, example, images.runtime)
    with step("forward the ports of Jaeger and Prometheus"):
        forward_ports(target, example)
    say(f"the demo is up ({time.monotonic() - began:.0f} s)")
    return example


def forward_ports(target: Target, example: Example) -> None:
    """Forward Jaeger's and Prometheus's ports to this machine, for as long as the demo is up."""
    services = target.read(
        "find the pipeline's Jaeger", "-n", example.namespace, "services", "-l", example.jaeger_selector
    )["items"]
    if not services:
        raise ClusterError("forward the ports", f"no Service has the labels {example.jaeger_selector}")
    jaeger = f"service/{services[0]['metadata']['name']}"
    loopback = ("--address", "127.0.0.1")
    forwards.start(
        [
            forwards.Forward(
                target.kubectl(
                    "-n", example.namespace, "port-forward", *loopback, jaeger, f"{JAEGER_PORT}", f"{OTLP_PORT}"
                ),
                [JAEGER_PORT, OTLP_PORT],
            ),
            forwards.Forward(
                target.kubectl(
                    "-n", MONITORING, "port-forward", *loopback, "service/frametrace-prometheus", f"{PROMETHEUS_PORT}"
                ),
                [PROMETHEUS_PORT],
            ),
        ]
    )


def cluster_and_images(target: Target) -> Images:
    """Bring the local cluster up beside the images' builds, then load what the nodes need."""
    with ThreadPoolExecutor() as pool:
        cluster = pool.submit(_ensure_cluster, target)
        built = {name: build(name) for name in ("operator", "runtime", "camera")}
        cluster.result()
    with step("load the images"):
        references = {name: load(image.archive, target.context) for name, image in built.items()}
        for archive in [] if target.is_local else third_party():
            load(archive, target.context)
    _say_sizes(built)
    return Images(references["operator"], references["runtime"], references["camera"])


def _ensure_cluster(target: Target) -> None:
    if target.is_local:
        lifecycle.up(Layout.of_user())
        give_to_caller(Layout.of_user().kubeconfig)
    else:
        target.ask(f"reach the cluster of context {target.context}", "version")


def _say_sizes(built: dict[str, BuiltImage]) -> None:
    say("  " + ", ".join(f"{name} {image.megabytes:.0f} MB" for name, image in built.items()))
