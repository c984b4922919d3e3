"""Follows the frames of some pipelines of a fleet through a turn: ledgers while it goes on, traces when it is over."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from frame_tracking import CAPTURE_SERVICE, HopCount, Journey, Ledger, Topology

from scripts.cluster.errors import ClusterError
from scripts.demo.target import Target
from scripts.upgrade.frames import Frames, accounted, highest, sessions

__all__ = ["Tracked"]

_TOPOLOGY = Topology((("motion", "capture"),))
LOOK_SECONDS = 1.0
_WINDOW_SECONDS, _TRACES_A_WINDOW = 10.0, 3000


@dataclass(slots=True)
class Tracked:
    """Pipelines with a stage whose frames are all traced, to the Jaeger that the fleet shares.

    Attributes:
        target: the cluster.
        space: the namespace of the pipelines and of that Jaeger.
        pipelines: their names.
        ended_seconds: to wait at the end. Frames take well under a second here, and exporters send every five: what is not in
            Jaeger after this is missing.
    """

    target: Target
    space: str
    pipelines: tuple[str, ...]
    ended_seconds: float = 15.0
    _before: dict[str, int] = field(default_factory=dict)
    _between: dict[str, int] = field(default_factory=dict)
    _began: float = 0.0

    def begin(self) -> None:
        """Note where every session stands.

        Raises:
            ClusterError: a capture does not answer.
        """
        self._began, self._between = time.time(), {}
        self._before = highest(self._counts("capture", "stage"), stages=True)

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Look every second meanwhile: what a capture did last before it was replaced must be known from elsewhere than its traces."""
        over = threading.Event()

        def follow() -> None:
            while not over.wait(LOOK_SECONDS):
                self.look()

        following = threading.Thread(target=follow, daemon=True)
        following.start()
        try:
            yield
        finally:
            over.set()
            following.join()

    def look(self) -> None:
        """Note how far sessions have got, as captures and stages tell; pods that end meanwhile do not answer, and are no fault."""
        try:
            pods = self._pods("capture", "stage")
        except (ClusterError, ValueError):
            return
        for pod in pods:
            try:
                found = highest(self._ledger(pod).hops, stages=True)
            except (ClusterError, ValueError):
                continue
            for name, last in found.items():
                self._between[name] = max(last, self._between.get(name, 0))

    def end(self) -> Frames:
        """Return what became of every frame since `begin`.

        Raises:
            ClusterError: a capture or Jaeger does not answer, or there are more traces than it tells at once.
        """
        asked = sessions(self._before, self._between, highest(self._counts("capture")))
        time.sleep(self.ended_seconds)
        return accounted(asked, self._journeys(), _TOPOLOGY)

    def _pods(self, *roles: str) -> list[str]:
        if not self.pipelines:
            return []
        whose = f"frametrace.dev/pipeline in ({','.join(self.pipelines)})"
        selector = f"{whose},frametrace.dev/role in ({','.join(roles)})"
        pods = self.target.read("list pods", "-n", self.space, "pods", "-l", selector)["items"]
        return [pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def _counts(self, *roles: str) -> Iterator[HopCount]:
        for pod in self._pods(*roles):
            yield from self._ledger(pod).hops

    def _ledger(self, pod: str) -> Ledger:
        return Ledger.model_validate(self._raw("pods", pod, 8080, "/ledger"))

    def _journeys(self) -> Iterator[Journey]:
        begin, end = self._began - _WINDOW_SECONDS, time.time()
        while begin < end:
            until = min(begin + _WINDOW_SECONDS, end)
            window = f"start={int(begin * 1e6)}&end={int(until * 1e6)}&limit={_TRACES_A_WINDOW}"
            found = self._raw("services", "jaeger", 16686, f"/api/traces?service={CAPTURE_SERVICE}&{window}")["data"]
            if len(found) >= _TRACES_A_WINDOW:
                raise ClusterError("count frames", f"{_WINDOW_SECONDS:.0f} s held {len(found)} traces or more")
            yield from map(Journey.from_jaeger, found)
            begin = until

    def _raw(self, kind: str, name: str, port: int, path: str) -> Any:
        proxied = f"/api/v1/namespaces/{self.space}/{kind}/{name}:{port}/proxy{path}"
        return json.loads(self.target.ask(f"ask {name}", "get", "--raw", proxied))
