# ruff: noqa: ANN001, ANN002, ANN003, ANN201, ANN202, ANN204 - the yard's type lives in conftest.py, which cannot be imported
from __future__ import annotations

import threading

import pytest
from camera_runtime.backoff import Backoff
from camera_runtime.capture.memory import MemoryPacket
from camera_runtime.stages.decoder import PictureDecoder
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports.base import BrokerUnavailableError
from frame_tracking import Attribute, DropReason, Outcome, Topology, judge
from opentelemetry import trace
from structlog.testing import capture_logs

NOW = 10**18


def captured(yard, picture, count: int = 1) -> None:
    pipeline = yard.pipeline()
    for _ in range(count):
        yard.play(pipeline, [MemoryPacket(NOW, [picture()])])
    yard.account.calls.clear()


def worker(yard, handler, name: str = "motion", upstream: str = "capture", **tools) -> StageWorker:
    made = StageWorker(yard.stage(name, upstream, **tools), handler, Backoff(0.0, 0.0), lambda: yard.now[0])
    made.follow(["cam01"])
    return made


def journey(yard, number: int = 0):
    roots = [span for span in yard.store.spans if span.name == "capture_frame"]
    return yard.store.journey(roots[number].context.trace_id)


class Flaky:
    """A consumer whose broker is away for the first tries of some calls."""

    def __init__(self, inner, **tries: int) -> None:
        self._inner, self._tries = inner, tries

    def __getattr__(self, name: str):
        def call(*arguments):
            if self._tries.get(name, 0):
                self._tries[name] -= 1
                raise BrokerUnavailableError("Redis at redis:6379 did not answer in time")
            return getattr(self._inner, name)(*arguments)

        return call


def test_a_frame_passes_all_stages_and_its_trace_is_complete(yard, picture) -> None:
    captured(yard, picture)
    worker(yard, lambda _: {"moving": True}).step(PictureDecoder())
    seen = []
    worker(yard, seen.append, "archive", "motion").step(PictureDecoder())
    assert judge(journey(yard), Topology.of(yard.stages)).complete
    assert seen[0].metadata.results == {"motion": {"moving": True}}
    assert journey(yard).spans[-1].attributes[Attribute.FRAME_ENDED_BY] == "archive"


def test_a_leaf_completes_the_frame_whatever_it_returns(new_yard, picture) -> None:
    yard = new_yard(stages=(("motion", "capture"),))
    captured(yard, picture)
    worker(yard, lambda frame: frame).step(PictureDecoder())
    assert judge(journey(yard), Topology.of(yard.stages)).complete
    assert yard.account.calls[-2:] == [("ended", 1, Outcome.COMPLETED, None), ("broker", True, "")]


def test_a_handler_that_returns_none_ends_the_branch_early(yard, picture) -> None:
    captured(yard, picture)
    worker(yard, lambda _: None).step(PictureDecoder())
    assert judge(journey(yard), Topology.of(yard.stages)).complete
    assert ("ended", 1, Outcome.COMPLETED, None) in yard.account.calls


def test_the_frames_span_is_current_in_the_handler(yard, picture) -> None:
    captured(yard, picture)
    seen = []
    worker(yard, lambda _: seen.append(trace.get_current_span().get_span_context())).step(PictureDecoder())
    own = next(span for span in journey(yard).spans if span.service == "motion")
    assert f"{seen[0].span_id:016x}" == own.span_id
    assert not trace.get_current_span().get_span_context().is_valid


def test_the_stages_span_says_how_long_the_frame_was_queued(yard, picture) -> None:
    captured(yard, picture)
    yard.now[0] += 0.25
    worker(yard, lambda frame: frame).step(PictureDecoder())
    own = next(span for span in journey(yard).spans if span.service == "motion" and span.is_hop)
    assert own.attributes[Attribute.QUEUED_MS] == pytest.approx(250)


@pytest.mark.parametrize("error", [ValueError("no model"), SystemExit(1)])
def test_a_failing_handler_is_tried_again_and_then_dead_lettered(yard, picture, error) -> None:
    captured(yard, picture)

    def fail(_frame):
        raise error

    made = worker(yard, fail, max_deliveries=3)
    for _ in range(3):
        made.step(PictureDecoder())
    found = judge(journey(yard), Topology.of(yard.stages))
    assert found.complete
    assert journey(yard).outcome is Outcome.DEAD_LETTERED
    assert sum(span.failed for span in journey(yard).spans) == 3
    assert yard.broker.store.dead_letters["motion"][0][1] == f"{type(error).__name__}: {error}"
    moves = [name for name in yard.account.names() if name in {"entered", "given_back", "taken_back", "ended"}]
    assert moves == ["entered", "given_back", "taken_back", "given_back", "taken_back", "ended"]


def test_the_log_says_why_a_frame_was_dead_lettered_and_not_each_time(yard, picture) -> None:
    captured(yard, picture, 2)
    made = worker(yard, lambda _: 1 / 0, max_deliveries=1)
    with capture_logs() as said:
        made.step(PictureDecoder())
        made.step(PictureDecoder())
    told = [line for line in said if line["event"] == "frame dead-lettered"]
    assert [(line["stage"], line["reason"]) for line in told] == [("motion", "ZeroDivisionError: division by zero")]
    assert told[0]["frame"].sequence == 1


def test_a_frame_that_one_replica_gives_back_and_another_finishes_is_accounted_for_by_both(yard, picture) -> None:
    captured(yard, picture)
    failing = worker(yard, lambda _: 1 / 0, max_deliveries=3)
    failing.step(PictureDecoder())
    worker(yard, lambda frame: frame).step(PictureDecoder())
    moves = [name for name in yard.account.names() if name in {"entered", "given_back", "taken_back", "left"}]
    assert moves == ["entered", "given_back", "entered", "left"]


@pytest.mark.parametrize("returned", [42, {"a": object()}, {"a": float("nan")}])
def test_what_cannot_be_handed_on_is_a_handlers_fault(yard, picture, returned) -> None:
    captured(yard, picture)
    worker(yard, lambda _: returned, max_deliveries=1).step(PictureDecoder())
    assert "InvalidResultError" in yard.broker.store.dead_letters["motion"][0][1]


def test_a_frame_that_the_handler_made_unwritable_is_the_handlers_fault(yard, picture) -> None:
    captured(yard, picture)

    def scribble(frame):
        frame.metadata.results["score"] = object()
        return frame

    made = worker(yard, scribble, max_deliveries=2)
    for _ in range(2):
        made.step(PictureDecoder())
    assert "is not JSON serializable" in yard.broker.store.dead_letters["motion"][0][1]
    assert judge(journey(yard), Topology.of(yard.stages)).complete
    assert yard.account.names().count("processed") == 2


def test_what_a_replica_has_not_begun_when_it_ends_goes_to_another_at_once(yard, picture) -> None:
    captured(yard, picture)
    tools = yard.stage("motion", "capture")
    tools.consumer.set_cameras(["cam01"])
    assert tools.consumer.receive(0) is not None
    ending = worker(yard, lambda frame: frame, consumer=tools.consumer)
    ending.stop()
    ending.run()
    other = yard.broker.consumer("motion", "capture")
    other.set_cameras(["cam01"])
    assert other.receive(0) is not None


def test_a_handler_that_is_not_done_when_the_process_ends_leaves_its_frame_to_another(
    yard, picture, monkeypatch
) -> None:
    monkeypatch.setattr("camera_runtime.stages.worker._DRAIN_SECONDS", 0.05)
    captured(yard, picture)
    works, release = threading.Event(), threading.Event()

    def handler(frame):
        works.set()
        release.wait(30)
        return frame

    ending = worker(yard, handler, max_deliveries=1)
    ending._begin_loop()
    assert works.wait(30)
    ending.stop()
    ending._drain()
    given_back = [span for span in journey(yard).spans if span.attributes.get(Attribute.FRAME_GIVEN_BACK)]
    release.set()
    for thread in ending._hung:
        thread.join(30)
    assert yard.broker.store.dead_letters == {}
    worker(yard, lambda frame: frame, max_deliveries=1).step(PictureDecoder())
    worker(yard, lambda frame: frame, "archive", "motion").step(PictureDecoder())

    assert [(span.name, span.failed) for span in given_back] == [("process_frame", False)]
    assert judge(journey(yard), Topology.of(yard.stages)).complete
    assert journey(yard).outcome is Outcome.COMPLETED
    moves = [name for name in yard.account.names() if name not in {"broker", "processed"}]
    assert moves == ["entered", "given_back", "entered", "left", "entered", "ended"]


def test_an_expired_picture_ends_the_frame(yard, picture) -> None:
    captured(yard, picture)
    yard.now[0] += 61
    worker(yard, lambda frame: frame).step(PictureDecoder())
    assert ("ended", 1, Outcome.DROPPED, DropReason.EXPIRED) in yard.account.calls
    assert judge(journey(yard), Topology.of(yard.stages)).complete


AWAY = ("broker", False, "Redis at redis:6379 did not answer in time")


@pytest.mark.parametrize(
    ("call", "handler", "end"),
    [
        ("ack", lambda _: None, ("ended", 1, Outcome.COMPLETED, None)),
        ("forward", lambda frame: frame, ("left", 1)),
        ("dead_letter", lambda _: 1 / 0, ("ended", 1, Outcome.DEAD_LETTERED, None)),
    ],
)
def test_a_broker_that_is_away_is_asked_again_until_the_frame_is_settled_once(
    yard, picture, call: str, handler, end: tuple[object, ...]
) -> None:
    captured(yard, picture)
    consumer = Flaky(yard.broker.consumer("motion", "capture"), **{call: 3})
    worker(yard, handler, consumer=consumer, max_deliveries=1).step(PictureDecoder())
    assert yard.account.calls.count(AWAY) == 3
    assert yard.account.calls.count(end) == 1
    assert yard.account.calls[-1] == ("broker", True, "")


def test_a_broker_that_is_away_at_the_end_leaves_the_frame_to_others_without_outcome(yard, picture) -> None:
    captured(yard, picture)
    consumer = Flaky(yard.broker.consumer("motion", "capture"), forward=99)
    made = worker(yard, lambda frame: frame, consumer=consumer)
    made.stop()
    assert not made.step(PictureDecoder())
    assert journey(yard).outcome is None
    assert [span.name for span in journey(yard).spans if span.failed] == ["process_frame", "send cam01.motion"]
    assert ("left", 1) not in yard.account.calls


def test_nothing_to_receive_from_a_broker_that_is_away(yard) -> None:
    consumer = Flaky(yard.broker.consumer("motion", "capture"), receive=1)
    assert not worker(yard, lambda frame: frame, consumer=consumer).step(PictureDecoder())
    assert yard.account.calls == [AWAY]


def test_a_frame_that_was_finished_before_is_a_duplicate_without_outcome(yard, picture) -> None:
    captured(yard, picture)
    tools = yard.stage("motion", "capture")
    tools.consumer.set_cameras(["cam01"])
    slow = worker(yard, lambda frame: frame, consumer=tools.consumer)
    delivery = tools.consumer.receive(0)
    other = yard.broker.consumer("motion", "capture", claim_after_seconds=0)
    other.set_cameras(["cam01"])
    worker(yard, lambda frame: frame, consumer=other).step(PictureDecoder())
    slow._take(delivery, PictureDecoder())
    assert ("duplicate", 1) in yard.account.calls
    assert [span.attributes.get(Attribute.FRAME_DUPLICATE) for span in journey(yard).spans].count(True) == 1
    assert yard.account.names().count("left") == 1
    assert yard.account.names().count("entered") == 2
    assert yard.account.names().count("given_back") == 1


def test_a_lost_context_is_counted_and_the_frame_goes_on(yard, picture) -> None:
    captured(yard, picture)
    queue = yard.broker.store.queue("cam01", "capture")
    entry = next(iter(queue._entries.values())) if isinstance(queue._entries, dict) else queue._entries[0]
    object.__setattr__(entry, "context", type(entry.context)("0" * 32, "0" * 16, 0))
    worker(yard, lambda frame: frame).step(PictureDecoder())
    assert yard.account.calls[0] == ("entered", 1, True, True)
    assert ("left", 1) in yard.account.calls


def test_a_hanging_handler_is_abandoned_and_the_next_frame_is_worked_on(yard, picture) -> None:
    captured(yard, picture, 2)
    hangs, release, done = threading.Event(), threading.Event(), threading.Event()

    def handler(frame):
        if frame.frame_id.sequence == 1:
            hangs.set()
            release.wait(30)
            return frame
        done.set()
        return frame

    made = worker(yard, handler, timeout_seconds=5, max_deliveries=1)
    made._begin_loop()
    assert hangs.wait(30)
    yard.now[0] += 4.9
    assert not made.check()
    yard.now[0] += 0.2
    assert made.check()
    assert done.wait(30)
    release.set()
    made.stop()
    made._drain()
    for thread in made._hung:
        thread.join(30)
    assert yard.broker.store.dead_letters["motion"][0][1].startswith("TimeoutError: the handler took more than 5 s")
    assert ("ended", 1, Outcome.DEAD_LETTERED, None) in yard.account.calls
    assert yard.account.calls.count(("left", 2)) == 1
    assert ("left", 1) not in yard.account.calls


def test_a_frame_whose_process_died_each_time_is_put_aside_unseen(yard, picture) -> None:
    captured(yard, picture)
    for _ in range(3):
        dying = yard.broker.consumer("motion", "capture", claim_after_seconds=0)
        dying.set_cameras(["cam01"])
        dying.receive(0)
    runs = []
    survivor = yard.broker.consumer("motion", "capture", claim_after_seconds=0)
    worker(yard, runs.append, consumer=survivor, max_deliveries=3).step(PictureDecoder())
    assert runs == []
    assert "never finished" in yard.broker.store.dead_letters["motion"][0][1]
    assert [call[0] for call in yard.account.calls] == ["entered", "ended", "broker"]  # those who died told nobody
