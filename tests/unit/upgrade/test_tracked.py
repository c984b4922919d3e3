"""A fleet's frames are followed through a turn: ledgers of living captures, then traces, window by window."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from frame_tracking import FrameID, HopCount, Ledger

from scripts.cluster.errors import ClusterError
from scripts.demo.target import Target
from scripts.upgrade import tracked as module
from scripts.upgrade.tracked import Tracked


@dataclass(frozen=True, slots=True)
class _Cluster(Target):
    """A cluster of a few captures, by the questions that are asked of it."""

    sessions: dict[str, tuple[str, int]] = field(default_factory=dict)
    stages: dict[str, tuple[str, int]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    traces: list[dict[str, Any]] = field(default_factory=list)
    windows: list[tuple[int, int]] = field(default_factory=list)

    def read(self, step: str, *arguments: str) -> dict[str, Any]:  # noqa: ARG002 - as the cluster has it
        whose = "frametrace.dev/pipeline in (yard-10,yard-20),frametrace.dev/role in"
        assert f"{whose} (capture)" in arguments or f"{whose} (capture,stage)" in arguments
        stages = self.stages if f"{whose} (capture,stage)" in arguments else {}
        return {"items": [{"metadata": {"name": pod}} for pod in self.sessions | stages]}

    def ask(self, step: str, *arguments: str, **_: object) -> str:
        path = arguments[-1]
        if asked := re.search(r"/services/jaeger:16686/proxy/api/traces\?.*start=(\d+)&end=(\d+)", path):
            self.windows.append((int(asked[1]), int(asked[2])))
            return json.dumps({"data": self.traces if len(self.windows) == 1 else []})
        pod = path.split("/pods/")[1].partition(":")[0]
        if pod in self.silent:
            raise ClusterError(step, "it ends")
        session, last = (self.sessions | self.stages)[pod]
        hop = "capture" if pod in self.sessions else "motion"
        count = HopCount(camera="cam01", hop=hop, session=session, last_sequence=last)
        return Ledger(pipeline="p", service="s", pod=pod, revision="r", started=0, hops=(count,)).model_dump_json()


def _trace(session: str, sequence: int) -> dict[str, Any]:
    frame_id = FrameID(f"20260101T000000{sequence:06d}_cam01_{session}_{sequence:06d}")

    def span(number: int, name: str, service: str, kind: str, **tags: str) -> dict[str, Any]:
        reference = {"refType": "CHILD_OF", "traceID": frame_id.trace_id, "spanID": str(number - 1)}
        told = {"frame.id": str(frame_id), "span.kind": kind, **{key.replace("__", "."): tags[key] for key in tags}}
        return {
            "traceID": frame_id.trace_id,
            "spanID": str(number),
            "operationName": name,
            "processID": service,
            "startTime": number,
            "duration": 1,
            "references": [reference] if number > 1 else [],
            "tags": [{"key": key, "value": value} for key, value in told.items()],
        }

    spans = [
        span(1, "capture_frame", "rtsp-capture", "internal"),
        span(2, "send cam01.capture", "rtsp-capture", "producer"),
        span(3, "process_frame", "motion", "consumer", frame__outcome="completed"),
    ]
    services = {name: {"serviceName": name} for name in ("rtsp-capture", "motion")}
    return {"traceID": frame_id.trace_id, "processes": services, "spans": spans}


def test_frames_of_a_capture_that_is_replaced_and_of_its_successor_are_all_found() -> None:
    traces = [_trace("aaaaa", number) for number in (3, 4, 5)] + [_trace("bbbbb", 1)]
    cluster = _Cluster(sessions={"old": ("aaaaa", 2)}, traces=traces)
    tracked = Tracked(cluster, "space", ("yard-10", "yard-20"), ended_seconds=0)

    tracked.begin()
    cluster.sessions["old"] = ("aaaaa", 4)
    tracked.look()
    cluster.silent.add("old")
    tracked.look()
    del cluster.sessions["old"]
    cluster.sessions["new"] = ("bbbbb", 1)
    found = tracked.end()

    assert (found.sessions, found.captured, found.accounted) == (2, 4, 4)
    assert cluster.windows[0][1] == cluster.windows[1][0], "no time is left out"


def test_frames_that_a_stage_had_and_no_trace_tells_of_are_missing() -> None:
    """The last ones of a capture that was replaced: its spans went with it."""
    cluster = _Cluster(sessions={"old": ("aaaaa", 2)}, traces=[_trace("aaaaa", 3)])
    tracked = Tracked(cluster, "space", ("yard-10", "yard-20"), ended_seconds=0)

    cluster.stages["stage"] = ("zzzzz", 500)  # of a capture that was gone before
    tracked.begin()
    cluster.stages["stage"] = ("aaaaa", 5)
    tracked.look()
    cluster.sessions.clear()
    cluster.sessions["new"] = ("bbbbb", 0)
    found = tracked.end()

    assert (found.captured, found.accounted, found.missing) == (3, 1, ["aaaaa 4", "aaaaa 5"])


def test_sessions_are_looked_at_all_the_while(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Tracked, "look", lambda _: looked.set())

    with Tracked(_Cluster(), "space", ("yard-10",)).followed():
        assert looked.wait(5)


def test_no_pipelines_are_no_proof() -> None:
    tracked = Tracked(_Cluster(), "space", (), ended_seconds=0)
    tracked.begin()
    tracked.look()

    assert not tracked.end().all_accounted


def test_a_window_that_was_cut_off_is_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.upgrade.tracked._TRACES_A_WINDOW", 1)
    cluster = _Cluster(sessions={"old": ("aaaaa", 2)}, traces=[_trace("aaaaa", 3)])
    tracked = Tracked(cluster, "space", ("yard-10", "yard-20"), ended_seconds=0)
    tracked.begin()

    with pytest.raises(ClusterError, match="held 1 traces or more"):
        tracked.end()
