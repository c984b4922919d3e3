# ruff: noqa: ANN001 - the command's type lives in conftest.py, which cannot be imported
"""A pipeline without a cluster: every frame accounted for, its journey found again, whatever is between the hops."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from frame_tracking import FrameID, Journey, Topology, judge

from tests.generated.journeys import read_spans

pytestmark = pytest.mark.contract
EXAMPLE_TREE = Topology.of([("motion", "capture"), ("small", "capture"), ("verify", "small")])
HANDLERS = """
import os, time
from opentelemetry import trace

class Look:
    def __init__(self):
        self.name = os.environ["LOOK_NAME"]

    def __call__(self, frame):
        with trace.get_tracer("own").start_as_current_span(f"look {self.name}") as span:
            span.set_attribute("worker", id(self))
            if frame.frame_id.sequence % 5 == 2:
                raise ValueError("no such thing")
            if frame.frame_id.sequence == 6:
                time.sleep(30)
            return {}
"""


def wait(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def journeys(path: Path) -> list[Journey]:
    found, unreadable = read_spans(path)
    assert unreadable == 0
    return list(found)


def accounted(said: str) -> dict[str, int]:
    numbers = json.loads(said)
    assert numbers["in_flight"] == 0
    assert sum(numbers["ended"].values()) == numbers["captured"] > 0
    assert numbers["spans"]["dropped"] == {}
    assert numbers["spans"]["created"] == numbers["spans"]["exported"]
    return {"captured": numbers["captured"], **numbers["ended"]}


def test_frames_are_captured_handled_traced_and_found_again(frametrace, example) -> None:
    said = frametrace.run("run", example, "--frames", "12", "--json")
    numbers = accounted(said)
    assert numbers["completed"] == numbers["captured"] >= 12
    assert json.loads(said)["spans"]["cpu_seconds"] > 0

    found = journeys(frametrace.spans)
    assert len(found) == numbers["captured"]
    assert all(judge(journey, EXAMPLE_TREE).complete for journey in found)
    frame_id = FrameID(found[4].frame_id or "")
    assert found[4].trace_id == frame_id.trace_id

    assert json.loads(frametrace.run("find", frame_id, "--json"))[0]["outcome"] == "completed"
    older = f"{frame_id.time:%Y%m%d}_cam01_{frame_id.sequence:06d}"
    for part in (
        older,
        f"{frame_id.time:%Y-%m-%dT%H:%M:%S.%f}",
        f"{frame_id.session}_{frame_id.sequence:06d}",
        f"{frame_id.sequence:06d}",
    ):
        assert [row["frame_id"] for row in json.loads(frametrace.run("find", str(part), "--json"))] == [frame_id]
    assert len(frametrace.run("find", "cam01", "--limit", "5").splitlines()) == 5

    shown = frametrace.run("journey", frame_id, "--picture", "out.jpg")
    assert "process_frame  [verify]" in shown
    assert "complete: every hop, no orphan, one outcome a branch" in shown
    assert "\x1b" not in shown
    assert (frametrace.folder / "out.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_ctrl_c_ends_it_with_every_frame_accounted_for(frametrace, example) -> None:
    command = frametrace.command("run", example, "--json", "--port", "0")
    with subprocess.Popen(
        command,
        cwd=frametrace.folder,
        env=frametrace.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        url = process.stderr.readline().strip()
        wait(lambda: b'stage="verify"' in urllib.request.urlopen(url, timeout=5).read())
        base = url.removesuffix("/metrics")
        for path, begin in (("/healthz", b"ok"), ("/readyz", b"ok"), ("/ledger", b"{"), ("/snapshot.jpg", b"\xff\xd8")):
            with urllib.request.urlopen(f"{base}{path}", timeout=5) as answer:
                assert answer.read().startswith(begin)
        process.send_signal(signal.SIGINT)
        said, wrong = process.communicate(timeout=60)
    assert (process.returncode, wrong) == (0, "")
    assert accounted(said)["completed"] == len(journeys(frametrace.spans))


def test_a_run_in_which_no_frame_is_completed_is_no_success(frametrace) -> None:
    (frametrace.folder / "own.py").write_text("def look(frame):\n    raise ValueError('no such thing')\n")
    stages = [{"name": "look", "handler": "own:look", "image": "own/look", "maxDeliveries": 1}]
    path = frametrace.resource(stages=stages)

    said = frametrace.run("run", path, "--frames", "3", "--json", code=1)

    assert "frametrace: no frame was completed: " in said
    assert " dead-lettered, 0 dropped; `frametrace find` has their errors" in said


def test_a_bounded_run_in_which_nothing_is_captured_is_no_success(frametrace) -> None:
    urls = {"cam01": "file:///nowhere/yard.mp4", "cam02": "rtsp://127.0.0.1:1/main"}
    cameras = [{"id": camera, "source": {"url": url}} for camera, url in urls.items()]

    said = frametrace.run("run", frametrace.resource(cameras=cameras), "--seconds", "1", code=1).splitlines()

    begin, *more = [line for line in said if line.startswith("frametrace: nothing was captured: ")]
    assert more == []
    assert (
        "cam01: /nowhere/yard.mp4 cannot be read: No such file or directory; cam02: the camera does not answer" in begin
    )


@pytest.mark.parametrize("server", ["", "redis_server"], ids=["in memory", "redis"])
def test_failing_and_hanging_handlers_end_frames_with_their_error_in_trees_and_over_replicas(
    frametrace, server: str, request: pytest.FixtureRequest
) -> None:
    (frametrace.folder / "own.py").write_text(HANDLERS)
    stages = [
        {
            "name": "look",
            "handler": "own:Look",
            "image": "own/look",
            "replicas": 2,
            "maxDeliveries": 2,
            "handlerTimeoutSeconds": 1,
        },
        {
            "name": "side",
            "handler": "own:Look",
            "image": "own/look",
            "replicas": 1,
            "maxDeliveries": 1,
            "handlerTimeoutSeconds": 60,
        },
        {"name": "below", "input": "look", "handler": "motion"},
    ]
    for stage in stages[:2]:
        stage["env"] = [{"name": "LOOK_NAME", "value": str(stage["name"])}]
    stages[1]["handler"] = "motion"
    path = frametrace.resource(stages=stages)

    broker = ["--broker", request.getfixturevalue(server).url] if server else []
    numbers = accounted(frametrace.run("run", path, "--frames", "20", "--json", *broker))

    found = {FrameID(journey.frame_id or "").sequence: journey for journey in journeys(frametrace.spans)}
    bad = {number for number in found if number % 5 == 2 or number == 6}
    tree = Topology.of([("look", "capture"), ("side", "capture"), ("below", "look")])
    assert numbers["dead_lettered"] == len(bad)
    assert all(judge(journey, tree).complete for journey in found.values())
    assert {number for number, journey in found.items() if journey.outcome == "dead_lettered"} == bad
    tried = [span for span in found[2].spans if span.service == "look" and span.is_hop]
    assert [span.attributes["otel.status_description"] for span in tried] == ["ValueError: no such thing"] * 2
    assert [span.attributes.get("frame.outcome") for span in tried] == [None, "dead_lettered"]
    last = [span for span in found[6].spans if span.service == "look" and span.is_hop][-1]
    assert last.attributes["otel.status_description"] == "TimeoutError: the handler took more than 1 s"
    own = [span for journey in found.values() for span in journey.spans if span.name == "look look"]
    assert {span.service for span in own} == {"look"}
    assert len({span.attributes["worker"] for span in own}) == 2
    assert [span.hop for span in found[2].spans if "frame.outcome" in span.attributes].count("side") == 1


@pytest.mark.parametrize("server", ["redis_server", "rabbit_server"])
def test_frames_go_over_a_broker(frametrace, example, server: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(server).url
    numbers = accounted(frametrace.run("run", example, "--frames", "12", "--json", "--broker", url))
    assert numbers["completed"] == numbers["captured"]
    assert all(judge(journey, EXAMPLE_TREE).complete for journey in journeys(frametrace.spans))
    frame_id = str(journeys(frametrace.spans)[0].frame_id)
    shutil.rmtree(frametrace.folder / "frametrace.pictures")
    look = ["journey", frame_id, "--picture", "out.jpg", "--pipeline", example, "--broker", url]
    if server == "redis_server":
        frametrace.run(*look)
        assert (frametrace.folder / "out.jpg").read_bytes()[:2] == b"\xff\xd8"
    else:  # a picture travels in RabbitMQ's message, and is gone with it
        assert f"no picture of frame {frame_id}" in frametrace.run(*look, code=1)
    found = json.loads(frametrace.run("doctor", "--local", "--json", FRAMETRACE_BROKER=url))["checks"]
    assert [check["state"] for check in found if check["name"] == "broker"] == ["ok"]


def test_a_broker_that_is_not_there_is_said_without_its_password(frametrace, example) -> None:
    broker = "redis://:s3cretword@127.0.0.1:1/0"
    said = frametrace.run("run", example, "--frames", "1", code=69, FRAMETRACE_BROKER=broker)
    assert said == "frametrace: Redis at 127.0.0.1:1 is not reachable\n"


def test_a_terminal_shows_the_numbers_as_they_grow(frametrace, example) -> None:
    ours, theirs = os.openpty()
    command = frametrace.command("run", example, "--frames", "8")
    with subprocess.Popen(
        command, cwd=frametrace.folder, env=frametrace.environment(TERM="xterm", COLUMNS="100"), stdout=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    assert b"\x1b[" in shown
    assert all(word in shown for word in (b"camera", b"cam01", b"connected", b"in flight", b"frames captured"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a terminal says that the other side has gone
        return b""


def test_frames_that_do_not_finish_in_time_are_dropped_and_told(frametrace) -> None:
    (frametrace.folder / "slow.py").write_text("import time\ndef handle(frame):\n    time.sleep(0.4)\n    return {}\n")
    path = frametrace.resource(stages=[{"name": "slow", "handler": "slow:handle", "image": "own/slow"}])

    numbers = accounted(frametrace.run("run", path, "--frames", "15", "--json", "--drain", "0"))

    assert numbers["dropped"] > 0
    found = journeys(frametrace.spans)
    assert all(judge(journey, Topology.of([("slow", "capture")])).complete for journey in found)
    assert {
        span.attributes.get("frame.drop_reason")
        for journey in found
        for span in journey.spans
        if span.name == "drop_frame"
    } == {"shutdown"}
    dropped = next(journey for journey in found if journey.outcome == "dropped")
    assert "dropped, shutdown" in frametrace.run("journey", str(dropped.frame_id))


def test_jaeger_and_the_span_file_tell_the_same_journeys(frametrace, example, jaeger) -> None:
    frametrace.run("run", example, "--frames", "8")
    for line in frametrace.spans.read_bytes().splitlines():
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(f"{jaeger.otlp_url}/v1/traces", line, headers), timeout=10
        ).close()

    for journey in journeys(frametrace.spans):
        url = f"{jaeger.query_url}/api/traces/{journey.trace_id}"
        wait(partial(whole, url, len(journey.spans)))
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert Journey.from_jaeger(json.load(answer)["data"][0]) == journey


def whole(url: str, spans: int) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return len(json.load(answer)["data"][0]["spans"]) == spans
    except urllib.error.HTTPError:
        return False


def test_traces_go_to_a_jaeger_and_are_found_there(frametrace, example, own_jaeger) -> None:
    jaeger = own_jaeger
    accounted(frametrace.run("run", example, "--frames", "8", "--json", "--otlp", jaeger.otlp_url))
    assert not frametrace.spans.exists()
    look = {"JAEGER_QUERY_URL": jaeger.query_url}
    wait(lambda: len(json.loads(frametrace.run("find", "cam01", "--json", **look))) >= 8)
    frame_id = FrameID(json.loads(frametrace.run("find", "cam01", "--json", **look))[-1]["frame_id"])

    older = f"{frame_id.time:%Y%m%d}_cam01_{frame_id.sequence:06d}"
    assert frame_id in frametrace.run("find", older, "--jaeger", jaeger.query_url)
    assert frame_id in frametrace.run("find", str(frame_id.session), "--jaeger", jaeger.query_url, "--limit", "1000")
    said = json.loads(frametrace.run("journey", frame_id, "--json", "--pipeline", example, **look))
    assert (said["complete"], said["missing"], said["outcome"]) == (True, [], "completed")
    gone = frame_id.replace("cam01", "cam09")
    assert f"has no span of frame {gone}" in frametrace.run("journey", gone, code=1, **look)
