"""A release of the chart in a cluster, as people handle it: install, upgrade, roll back, uninstall, with the real helm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.cluster.commands import run_logged
from scripts.demo.target import Target, helm_environment
from scripts.demo.waiting import wait_for

__all__ = ["CHART", "Release"]

CHART = Path(__file__).resolve().parents[2] / "charts" / "frametrace"
_TIMEOUT = ("--wait", "--timeout", "180s")
#: The definition of pipelines is one for the cluster: a release takes it over from whoever had it.
_TAKE_OVER = ("--take-ownership", "--force-conflicts")


@dataclass(frozen=True, slots=True)
class Release:
    """One release.

    Attributes:
        target: the cluster.
        namespace: where the operator is.
        folder: for values, logs and helm's own files.
        name: the release's.
    """

    target: Target
    namespace: str
    folder: Path
    name: str = "frametrace"

    def put(self, values: Mapping[str, Any], chart: Path = CHART) -> None:
        """Install or upgrade, and wait until the operator is ready.

        Raises:
            ClusterError: helm refuses, or it is not ready within three minutes; the log is named.
        """
        file = self.folder / "values.json"
        file.write_text(json.dumps(values), encoding="utf-8")
        self._helm("upgrade", self.name, str(chart), "--install", "--values", str(file), *_TAKE_OVER, *_TIMEOUT)

    def roll_back(self, revision: int) -> None:
        """Go back to a revision.

        Raises:
            ClusterError: helm refuses, or the operator is not ready within three minutes.
        """
        self._helm("rollback", self.name, str(revision), "--force-conflicts", *_TIMEOUT)

    def uninstall(self) -> None:
        """Take the release away; what helm is told to keep stays.

        Raises:
            ClusterError: helm refuses.
        """
        self._helm("uninstall", self.name, "--ignore-not-found", *_TIMEOUT)

    def objects(self) -> list[dict[str, Any]]:
        """The objects that helm says the release has.

        Raises:
            ClusterError: there is no such release.
        """
        return [body for body in yaml.load_all(self._helm("get", "manifest", self.name), yaml.CSafeLoader) if body]

    def leader(self) -> str:
        """The pod that leads; empty if none does."""
        leases = self.target.read("read the Lease", "-n", self.namespace, "leases")["items"]
        holders = [str(lease["spec"].get("holderIdentity") or "") for lease in leases]
        return holders[0].partition("_")[0] if holders else ""

    def wait_for_leader(self) -> str:
        """Wait until a pod of the newest rollout leads; returns its name.

        Raises:
            ClusterError: none does within a minute.
        """

        def look() -> tuple[str | None, str]:
            labels = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/name=frametrace-operator"
            pods = self.target.read("list operators", "-n", self.namespace, "pods", "-l", labels)["items"]
            living = {pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}
            leader = self.leader()
            return (leader if leader in living else None), f"{leader or 'nobody'} leads, of {', '.join(sorted(living))}"

        return wait_for("wait for the operator to lead", look, seconds=60)

    def _helm(self, *arguments: str) -> str:
        log = self.folder / f"helm-{arguments[0]}.log"
        command = self.target.helm(*arguments, "--namespace", self.namespace)
        run_logged(f"helm {arguments[0]}", command, log, environment=helm_environment(self.folder))
        return log.read_text(encoding="utf-8")
