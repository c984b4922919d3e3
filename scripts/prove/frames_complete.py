"""One pipeline on the cluster for a while: is every captured frame's trace complete, each frame by its identity?

What was captured is known from the capture pod's ledger (its session and its dense sequence); what Jaeger can return
is fetched window by window and matched frame by frame. The operator and the simulated camera must be installed.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, FrameID, HopCount, Journey, Ledger, Topology, judge

from scripts.demo.pipeline import ready_state
from scripts.demo.target import Target
from scripts.demo.waiting import wait_for

NAMESPACE = "frames-complete"
CAMERA = "cam01"
_WINDOW_SECONDS = 15
_TRACES_A_WINDOW = 2000


@dataclass(frozen=True, slots=True)
class Count:
    """Frames of one session, by what became of them; `missing` and `incomplete` name some of them."""

    captured: int
    complete: int
    missing: list[int]
    incomplete: list[str]


def manifest(url: str) -> dict[str, Any]:
    """Return the pipeline: one camera, two stages, a Jaeger whose ring is large enough for the run."""
    stages = [
        {"name": "motion", "input": "capture", "handler": "motion", "replicas": 1},
        {"name": "verify", "input": "motion", "handler": "motion", "replicas": 1},
    ]
    spec = {"cameras": [{"id": CAMERA, "source": {"url": url}}], "stages": stages}
    metadata = {"name": "entrance", "namespace": NAMESPACE}
    return {"apiVersion": "frametrace.dev/v1alpha1", "kind": "CameraPipeline", "metadata": metadata, "spec": spec}


TOPOLOGY = Topology((("motion", "capture"), ("verify", "motion")))


def _apply(target: Target, url: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
    for document in (namespace, manifest(url)):
        target.ask("apply the pipeline", "apply", "-f", "-", stdin=json.dumps(document))


def _wait_ready(target: Target) -> None:
    def look() -> tuple[bool | None, str]:
        ready, reason = ready_state(target.read("read the pipeline", "-n", NAMESPACE, "camerapipeline", "entrance"))
        return (True if ready else None), reason

    wait_for("wait until the pipeline is Ready", look, seconds=180)


def _raw(target: Target, kind: str, name: str, port: int, path: str) -> Any:
    proxied = f"/api/v1/namespaces/{NAMESPACE}/{kind}/{name}:{port}/proxy{path}"
    return json.loads(target.ask(f"ask {name}", "get", "--raw", proxied))


def _named(target: Target, kind: str, role: str) -> list[str]:
    selector = f"frametrace.dev/pipeline=entrance,frametrace.dev/role={role}"
    found = target.read(f"list {role} {kind}", "-n", NAMESPACE, kind, "-l", selector)["items"]
    return [item["metadata"]["name"] for item in found if "deletionTimestamp" not in item["metadata"]]


def _counts(target: Target, role: str, hop: str) -> list[HopCount]:
    ledgers = [
        Ledger.model_validate(_raw(target, "pods", pod, 8080, "/ledger")) for pod in _named(target, "pods", role)
    ]
    return [count for ledger in ledgers for count in ledger.hops if count.hop == hop]


def _captured(target: Target) -> HopCount:
    return max(_counts(target, "capture", CAPTURE_HOP), key=lambda count: count.last_frame)


def _wait_until_all_ended(target: Target, captured: HopCount) -> None:
    def look() -> tuple[bool | None, str]:
        ended = [c.last_sequence for c in _counts(target, "stage", "verify") if c.session == captured.session]
        last = max(ended, default=0)
        return (True if last >= captured.last_sequence else None), f"frame {last} of {captured.last_sequence} has ended"

    wait_for("wait for the frames that are under way", look, seconds=60)


def _journeys(target: Target, start: float, end: float) -> Iterator[Journey]:
    jaeger = _named(target, "services", "jaeger")[0]
    begin = start
    while begin < end:
        until = min(begin + _WINDOW_SECONDS, end)
        window = f"start={int(begin * 1e6)}&end={int(until * 1e6)}&limit={_TRACES_A_WINDOW}"
        found = _raw(target, "services", jaeger, 16686, f"/api/traces?service={CAPTURE_SERVICE}&{window}")["data"]
        if len(found) >= _TRACES_A_WINDOW:
            raise RuntimeError(f"a window of {_WINDOW_SECONDS} s held {len(found)} traces: the count would be cut off")
        yield from (Journey.from_jaeger(trace) for trace in found)
        begin = until


def count(captured: HopCount, journeys: Iterator[Journey]) -> Count:
    """Match journeys with the frames 1 to `captured.last_sequence` of the captured session."""
    complete: set[int] = set()
    incomplete: dict[int, str] = {}
    for journey in journeys:
        frame_id = FrameID(journey.frame_id or "")
        if frame_id.session != captured.session or frame_id.sequence > captured.last_sequence:
            continue
        verdict = judge(journey, TOPOLOGY)
        if verdict.complete:
            complete.add(frame_id.sequence)
        else:
            incomplete[frame_id.sequence] = f"{frame_id}: {verdict}"
    missing = sorted(set(range(1, captured.last_sequence + 1)) - complete - set(incomplete))
    left = [text for sequence, text in incomplete.items() if sequence not in complete]
    return Count(captured.last_sequence, len(complete), missing[:20], left[:20])


def run(target: Target, seconds: int, url: str) -> Count:
    """Run the pipeline for `seconds` after it is Ready, count, and take it away again."""
    start = time.time()
    try:
        _apply(target, url)
        _wait_ready(target)
        session = _captured(target).session
        time.sleep(seconds)
        captured = _captured(target)
        if captured.session != session:
            raise RuntimeError("capture was started again meanwhile: the frames of its first session were not counted")
        _wait_until_all_ended(target, captured)
        time.sleep(15)  # exporters send every five seconds, Jaeger stores after 0.2 s
        return count(captured, _journeys(target, start, time.time()))
    finally:
        target.ask("remove the pipeline", "delete", "namespace", NAMESPACE, "--wait=false", "--ignore-not-found")


def main() -> int:
    """Run the proof; the last line says how many frames were captured and how many have complete traces."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--url", default="rtsp://camera.cameras.svc.cluster.local:8554/cam01")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the pipeline is taken away
    found = run(Target(), options.seconds, options.url)
    ok = found.captured > 0 and found.complete == found.captured
    figure = {"captured": found.captured, "complete": found.complete, "missing": found.missing, "bad": found.incomplete}
    print(json.dumps({"figure": figure, "bar": "complete = captured", "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
