"""What a person sees of an Application and of its pipeline, and a stopwatch beside it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.servers.argocd import ArgoCd

__all__ = ["APPLICATION", "PIPELINE", "Story"]

APPLICATION, PIPELINE = "frametrace", "entrance"
_PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "gitops.md"
_EXAMPLE = "docs/gitops/argocd/application.yaml"
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ACTION = re.compile(r"\bCameraPipeline +entrance +([a-z-]+) +(true|false) *$", re.MULTILINE)
_DEFINITION = "CustomResourceDefinition/camerapipelines.frametrace.dev"
_REFRESH, _COMPARE = "argocd.argoproj.io/refresh", "argocd.argoproj.io/compare-options"
_DIFFS = {"legacy diff": "ServerSideDiff=false", "server-side diff": "ServerSideDiff=true"}


class Story:
    """One Application of a real Argo CD, and the pipeline `entrance` that it brings, steered by the commands of the how-to page.

    Args:
        argo: the Argo CD.
        namespace: of the pipeline.
        application: file with the Application.

    Attributes:
        laps: what was waited for, and how many seconds it took.
        followed: the page's commands that were run.
    """

    def __init__(self, argo: ArgoCd, namespace: str, application: Path) -> None:
        self.argo, self.namespace = argo, namespace
        self.laps: dict[str, float] = {}
        self.followed: set[str] = set()
        text = _PAGE.read_text(encoding="utf-8")
        self._commands = [line for block in _SHELL.findall(text) for line in block.splitlines()]
        # What stands in the page for a reader's own.
        self._own = {"-n argocd": f"-n {argo.namespace}", "namespace cameras": f"namespace {namespace}"}
        self._own[_EXAMPLE] = str(application)

    def application(self) -> dict[str, Any]:
        """The Application as it stands in the cluster."""
        return self._read("-n", self.argo.namespace, "get", "application", APPLICATION)

    def pipeline(self, name: str = PIPELINE) -> dict[str, Any]:
        """The pipeline as it stands in the cluster."""
        return self._read("-n", self.namespace, "get", "cpl", name)

    def deployments(self) -> dict[str, Any]:
        """The pipeline's Deployments, by camera, stage or role."""
        keys = ("frametrace.dev/camera", "frametrace.dev/stage", "frametrace.dev/role")
        found = self._read("-n", self.namespace, "get", "deployments", "-l", f"frametrace.dev/pipeline={PIPELINE}")
        labels = [(body["metadata"]["labels"], body) for body in found["items"]]
        return {next(own[key] for key in keys if key in own): body for own, body in labels}

    def said(self) -> tuple[str, str]:
        """Whether it is in sync, and its health: Argo CD's own words for the whole Application."""
        status = self.application().get("status", {})
        synced, health = (str(status.get(part, {}).get("status", "")) for part in ("sync", "health"))
        return synced, health

    def pipeline_health(self) -> tuple[str, str]:
        """Health and message of the pipeline, as Argo CD's own page shows them."""
        resources = json.loads(self.argo.shell(f"argocd app get {APPLICATION} -o json"))["status"]["resources"]
        health: dict[str, str] = next(
            (one.get("health", {}) for one in resources if one["kind"] == "CameraPipeline"), {}
        )
        return health.get("status", ""), health.get("message", "")

    def tracing(self) -> dict[str, Any]:
        """`status.tracing` of the pipeline."""
        found: dict[str, Any] = self.pipeline().get("status", {}).get("tracing", {})
        return found

    def follow(self, asked: str) -> str:
        """Run the page's command that has these words, as a person does; RuntimeError with what it complains of."""
        [command] = [line for line in self._commands if asked in line]
        self.followed.add(command)
        for words, own in self._own.items():
            command = command.replace(words, own)
        return self.argo.shell(command)

    def act(self, action: str) -> None:
        """Run an action on the pipeline; RuntimeError with the refusal."""
        self.follow(f"actions run frametrace {action} ")

    def offered(self) -> dict[str, bool]:
        """The actions, and whether each is offered now."""
        lines = self.follow("actions list").splitlines()
        return {name: disabled == "false" for name, disabled in _ACTION.findall("\n".join(lines))}

    def unfollowed(self) -> set[str]:
        """The page's commands that nobody ran."""
        return set(self._commands) - self.followed

    def until(self, what: str, look: Callable[[], Any], wanted: Any, *, seconds: float) -> None:
        """Wait until a look shows this, and note how long it took.

        Raises:
            AssertionError: it does not in so many seconds; the last look is told.
        """
        began = time.monotonic()
        while (found := look()) != wanted:
            late = time.monotonic() - began >= seconds
            assert not late, f"{what}: after {seconds} s still {found}, not {wanted}: {self.explained()}"
            time.sleep(0.2)
        self.laps[what] = round(time.monotonic() - began, 1)

    def explained(self) -> str:
        """What the Application says of itself, for the message of a failure."""
        status = self.application().get("status", {})
        sync = status.get("operationState", {}).get("message", "")
        return f"sync: {sync!r}; out of sync: {self.out_of_sync()}; {status.get('conditions', '')}"

    def refresh(self, kind: str = "normal", compare: str = "") -> None:
        """Have Argo CD look at Git and at the cluster now, as a webhook does; come back when it has."""
        notes = [f"{_REFRESH}={kind}", *([f"{_COMPARE}={compare}"] if compare else [])]
        self.argo.kubectl("-n", self.argo.namespace, "annotate", "--overwrite", "application", APPLICATION, *notes)
        deadline = time.monotonic() + 30
        while _REFRESH in self.application()["metadata"].get("annotations", {}):
            assert time.monotonic() < deadline, "Argo CD has not looked for 30 s"
            time.sleep(0.1)

    def stays_synced(self) -> None:
        """Nothing is out of sync, by either way to compare, and the pipeline was not changed meanwhile.

        The definition is the whole cluster's, and somebody else may have brought another version just now: it has the time to be healed.
        """
        before = self.pipeline()["metadata"]["generation"]
        for way, option in _DIFFS.items():
            self.refresh("hard", option)
            assert set(self.out_of_sync()) <= {_DEFINITION}, way
            self.until(f"Synced by the {way}", lambda: self.said()[0], "Synced", seconds=60)
        assert self.pipeline()["metadata"]["generation"] == before, "its spec was taken for a drift, and healed"

    def out_of_sync(self) -> list[str]:
        """The objects that are out of sync, by kind and name."""
        resources = self.application()["status"].get("resources", [])
        return [f"{one['kind']}/{one['name']}" for one in resources if one.get("status") != "Synced"]

    def _read(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.argo.kubectl(*arguments, "-o", "json"))
        return found
