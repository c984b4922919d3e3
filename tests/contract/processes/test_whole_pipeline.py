# ruff: noqa: ANN001 - the pipeline's type lives in conftest.py, which cannot be imported
"""Capture and stages as processes: every frame's trace is complete, nothing is lost at the end, changes need no restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from frame_tracking import Ledger, sample_hash

from scripts.camera.clip import ClipSpec
from scripts.camera.local import CameraOptions, running_camera

pytestmark = pytest.mark.contract
FRAMES = 120
CANARY = "c4nary/s3cret %&@:x"


def wait(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_every_frame_of_a_real_camera_has_a_complete_trace_and_no_span_is_lost_at_the_end(pipeline) -> None:
    motion, again = pipeline.stage("motion"), pipeline.stage("again")
    with running_camera(CameraOptions(clip=ClipSpec(640, 360, 15), port=0, user="admin", password=CANARY)) as url:
        capture = pipeline.capture(url, login=("admin", CANARY))
        wait(lambda: capture.entered >= FRAMES)
        assert capture.get("/healthz") == (200, b"ok\n")
        assert capture.get("/readyz")[0] == 200
        assert capture.get("/snapshot.jpg")[0] == 403
        assert b"frame_processing_duration_seconds_bucket" in capture.get("/metrics")[1]
        assert capture.ledger.cameras[0].connected
        shown = b"".join(capture.get(path)[1] for path in ("/ledger", "/metrics", "/readyz"))
        shown += Path(f"/proc/{capture.process.pid}/cmdline").read_bytes() + capture.log.read_bytes()
        last = [capture.end()]
    wait(lambda: again.entered == motion.entered and motion.ledger.hops[0].left == again.entered)
    time.sleep(0.5)
    assert again.ledger.hops[0].ended == {"completed": again.entered}
    frames = again.entered
    last += [motion.end(), again.end()]
    for code, seconds, line in last:
        assert (code, line["event"], line["all_sent"], line["spans"]["dropped"]) == (0, "stopped", True, {})
        assert line["spans"]["created"] == line["spans"]["exported"]
        assert seconds < 10
    assert last[0][2]["spans"]["created"] == 4 * frames
    wait(lambda: len(pipeline.judged()) == frames and all(found.complete for found in pipeline.judged().values()))
    shown += repr(pipeline.journeys()).encode() + capture.log.read_bytes()
    assert b"c4nary" not in shown
    sequences = sorted(int(frame_id.rsplit("_", 1)[1]) for frame_id in pipeline.judged())
    assert sequences == list(range(1, frames + 1))


def test_a_stage_follows_cameras_and_tracing_without_a_restart(pipeline) -> None:
    pipeline.live(cameras=())
    motion, again = pipeline.stage("motion"), pipeline.stage("again")
    capture = pipeline.capture("test://?width=320&height=180&fps=20")
    wait(lambda: capture.entered > 20)
    assert motion.entered == 0
    pipeline.live()
    wait(lambda: again.entered > 20)
    pipeline.live(state="Off")
    wait(lambda: capture.ledger.hops[0].entered - capture.ledger.hops[0].traced > 20)
    pipeline.live()
    untraced = capture.ledger.hops[0].entered - capture.ledger.hops[0].traced
    for each in (capture, motion, again):
        assert each.end()[0] == 0
    assert untraced > 20


def test_a_broker_that_is_away_stops_no_process_and_loses_no_word(pipeline, own_redis) -> None:
    motion, again = pipeline.stage("motion"), pipeline.stage("again")
    capture = pipeline.capture("test://?width=320&height=180&fps=20")
    wait(lambda: again.entered > 10)
    own_redis.stop()
    wait(lambda: capture.ledger.hops[0].ended.get("dropped:broker_unavailable", 0) > 20)
    wait(lambda: capture.get("/readyz")[0] == 503 and motion.get("/readyz")[0] == 503)
    assert [each.get("/healthz")[0] for each in (capture, motion, again)] == [200] * 3
    state = capture.ledger.broker
    assert state is not None
    assert (state.connected, state.reason) == (False, "Unreachable")
    own_redis.start()
    before = again.entered
    wait(lambda: again.entered > before + 20)
    assert capture.get("/readyz")[0] == 200
    assert [each.end()[0] for each in (capture, motion, again)] == [0, 0, 0]


def test_a_handler_of_an_installed_module_fails_hangs_and_opens_spans(pipeline) -> None:
    (pipeline.folder / "own_handler.py").write_text(
        "import time\nfrom opentelemetry import trace\n"
        "def handle(frame):\n"
        "    with trace.get_tracer('own').start_as_current_span('look'):\n"
        "        if frame.frame_id.sequence % 10 == 3:\n"
        "            raise ValueError('no such thing')\n"
        "        if frame.frame_id.sequence == 7:\n"
        "            time.sleep(60)\n"
        "        return {'mean': float(frame.array().mean())}\n"
    )
    motion = pipeline.stage("motion", handler="own_handler:handle", max_deliveries=2, handler_timeout_seconds=1)
    again = pipeline.stage("again")
    capture = pipeline.capture("test://?width=320&height=180&fps=10")
    wait(lambda: capture.entered >= 30)
    assert capture.end()[0] == 0
    wait(lambda: sum(motion.ledger.hops[0].ended.values()) + motion.ledger.hops[0].left == motion.entered)
    wait(lambda: again.ledger.hops[0].ended.get("completed") == motion.ledger.hops[0].left)
    dead = motion.ledger.hops[0].ended["dead_lettered"]
    assert dead == sum(number % 10 == 3 or number == 7 for number in range(1, motion.entered + 1))
    assert [each.end()[0] for each in (motion, again)] == [0, 0]
    wait(lambda: all(found.complete for found in pipeline.judged().values()))
    journeys = pipeline.journeys()
    looks = [span for journey in journeys for span in journey.spans if span.name == "look"]
    parents = {span.span_id: span for journey in journeys for span in journey.spans}
    assert looks
    assert {parents[look.parent_id or ""].service for look in looks} == {"motion"}


def test_all_ledgers_name_the_same_finished_frames_and_tell_of_a_live_switch(pipeline) -> None:
    motion, again = pipeline.stage("motion"), pipeline.stage("again")
    begun = int(time.time()) - 5
    capture = pipeline.capture("test://?width=320&height=180&fps=20")
    wait(lambda: again.entered >= 60)
    pipeline.live(state="Off")
    wait(lambda: capture.ledger.tracing == "Off" and motion.ledger.tracing == "Off")
    seen = again.entered
    wait(lambda: again.entered > seen + 20)
    path = f"/ledger?from={begun}&until={begun + 600}&frames="
    told = {
        each.name: Ledger.model_validate_json(each.get(f"{path}5000")[1]).window for each in (capture, motion, again)
    }
    few = Ledger.model_validate_json(motion.get(f"{path}7")[1]).window
    assert all(window is not None for window in told.values())
    named = {name: window.frames[0] for name, window in told.items()}

    captured, passed, ended = set(named["rtsp-capture"].left), set(named["motion"].left), set(named["again"].ended)
    assert ended <= passed <= captured
    assert len(captured - ended) <= 5  # on their way when one process was switched before another
    assert len(named["again"].ended) >= 60
    assert (
        sorted(few.frames[0].left, key=lambda each: sample_hash(each.encode()))
        == sorted(named["motion"].left, key=lambda each: sample_hash(each.encode()))[:7]
    )
    assert all(window.buckets[-1].off for window in told.values())
    assert capture.get("/ledger?from=1&until=x") == (400, b"until is a whole number from 0 to 17179869184\n")
    assert capture.ledger.window is None
    for each in (capture, motion, again):
        assert each.end()[0] == 0
