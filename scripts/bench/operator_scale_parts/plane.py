"""A control plane for one run: the local cluster's own etcd, API server, controllers and scheduler, and kwok's node."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from frametrace_api.group import GROUP, PLURAL

from scripts.bench.operator_scale_parts.isolation import POD_CIDR
from scripts.bench.operator_scale_parts.processes import processor_seconds
from scripts.cluster import health
from scripts.cluster.build import binary
from scripts.cluster.certificates import ensure_certificates, write_private
from scripts.cluster.commands import answer
from scripts.cluster.components import Component, components, configuration
from scripts.cluster.errors import ClusterError
from scripts.cluster.images import PAUSE_IMAGE
from scripts.cluster.paths import Layout
from scripts.cluster.processes import ProcessRecord, end, read_record
from scripts.cluster.rendering import write_kubeconfigs
from scripts.cluster.starting import start_components
from scripts.prove.results import ROOT
from scripts.servers.processes import wait_for
from scripts.servers.rabbitmq import FAST_FOLDER

__all__ = ["Plane", "control_plane"]

_PARTS: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_KWOK_PORT: Final = 10247
_NODE: Final = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "seeming", "annotations": {"kwok.x-k8s.io/node": "fake"}},
}
_CRD: Final = ROOT / "crds/frametrace.dev_camerapipelines.yaml"


class Plane:
    """A running control plane."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.layout.kubeconfig

    def kubectl(self, *arguments: str, stdin: str | None = None, seconds: float = 1800) -> str:
        """Run kubectl as the administrator and return what it prints."""
        command = [str(binary("kubectl")), f"--kubeconfig={self.kubeconfig}", *arguments]
        return answer(f"kubectl {arguments[0]}", command, stdin=stdin, seconds=seconds)

    def serves_pipelines(self) -> bool:
        """Whether pipelines can be listed: for a moment after their definition is accepted they cannot."""
        try:
            self.kubectl("get", f"{PLURAL}.{GROUP}", "--all-namespaces")
        except ClusterError:
            return False
        return True

    def processor_seconds(self) -> dict[str, float]:
        """Processor time of each part so far."""
        return {name: processor_seconds(record.pid) for name in (*_PARTS, "kwok") if (record := self._record(name))}

    def audit_logs(self) -> list[Path]:
        """The audit log's files, those of former rotations too."""
        return sorted(self.layout.logs.glob("audit*.log"))

    def stop(self) -> None:
        """End all parts."""
        records = [record for name in ("kwok", *reversed(_PARTS)) if (record := self._record(name))]
        end({record.pid: record.ticks for record in records}, grace=1.0)

    def _record(self, name: str) -> ProcessRecord | None:
        return read_record(self.layout.records, name)


@contextmanager
def control_plane() -> Iterator[Plane]:
    """A fresh control plane with the resource's definition and a ready node; gone afterwards, its files too."""
    folder = Path(tempfile.mkdtemp(prefix="frametrace-scale-", dir=FAST_FOLDER))
    plane = Plane(Layout(folder))
    try:
        _prepare(plane.layout)
        wanted = [part for part in components(plane.layout, PAUSE_IMAGE) if part.name in _PARTS]
        start_components(plane.layout, [*wanted, _kwok(plane.layout)])
        plane.kubectl("apply", "--server-side", "-f", str(_CRD))
        plane.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(_NODE))
        plane.kubectl("wait", "--for=condition=Ready", "node/seeming", "--timeout=60s")
        plane.kubectl("wait", "--for=condition=Established", f"crd/{PLURAL}.{GROUP}", "--timeout=60s")
        wait_for(plane.serves_pipelines, "the API server with pipelines")
        yield plane
    finally:
        plane.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(layout: Layout) -> None:
    ensure_certificates(layout.pki)
    for path, text in configuration(layout, PAUSE_IMAGE)["kube-apiserver"].items():
        write_private(path, text.encode())
    write_kubeconfigs(layout)


def _kwok(layout: Layout) -> Component:
    command = (
        str(binary("kwok")),
        f"--kubeconfig={layout.kubeconfig}",
        f"--config={Path(__file__).with_name('kwok.yaml')}",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        "--node-ip=127.0.0.1",
        "--node-lease-duration-seconds=40",
        f"--cidr={POD_CIDR}",
        f"--server-address=127.0.0.1:{_KWOK_PORT}",
    )
    return Component("kwok", command, partial(health.http_health, _KWOK_PORT, "/healthz"), "kwok", needs_api=True)
