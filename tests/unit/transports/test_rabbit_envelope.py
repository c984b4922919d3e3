from __future__ import annotations

from typing import Any

import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports.rabbitmq.envelope import Envelope, dropped_of
from camera_runtime.transports.rabbitmq.finished import Finished
from camera_runtime.transports.rabbitmq.names import Names
from camera_runtime.transports.rabbitmq.parameters import address_of
from frame_tracking import Arrival, DropReason, FrameID, FrameMetadata, TraceContext
from frametrace_api.contract import BrokerContract, PipelineRef
from hypothesis import example, given
from hypothesis import strategies as st
from pika import BasicProperties

FRAME_ID = FrameID("20240315T101530123456_cam01_a7f3c_000123")
values = st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(), st.binary(), st.none(), st.booleans())


def _envelope(picture: bytes = b"picture") -> Envelope:
    frame = Frame(FrameMetadata(frame_id=FRAME_ID, timestamp=FRAME_ID.time), picture)
    return Envelope.of(frame, TraceContext(FRAME_ID.trace_id, "b" * 16, 3, "vendor=1"), 1_700_000_000_000)


def test_a_frame_comes_out_as_it_went_in() -> None:
    sent = _envelope().for_stage("motion")
    came = Envelope({**sent.headers, "x-delivery-count": 0}, sent.body)

    context, arrival = came.context(FRAME_ID)
    metadata = came.metadata(FRAME_ID)
    assert (came.frame_id("cam01"), came.body, arrival) == (FRAME_ID, b"picture", Arrival.KEPT)
    assert (context.span_id, context.tracestate) == ("b" * 16, "vendor=1")
    assert metadata is not None
    assert metadata.frame_id == FRAME_ID


@example({"attempts": 1, "x-delivery-count": 2**63 - 1})
@given(st.dictionaries(st.sampled_from([*_envelope().headers, "to", "attempts", "x-delivery-count", "else"]), values))
def test_no_headers_of_a_foreign_hand_raise(headers: dict[str, Any]) -> None:
    envelope = Envelope(headers, b"")

    frame_id = envelope.frame_id("cam01") or FRAME_ID
    envelope.metadata(frame_id)
    envelope.context(frame_id)
    assert envelope.attempts >= 0
    assert dropped_of(envelope, DropReason.EXPIRED) is None or envelope.text("to")
    letter = envelope.letter("motion", "half a pair \ud800")
    BasicProperties(headers=dict(letter.headers)).encode()  # type: ignore[no-untyped-call]  # what cannot be sent raises
    assert sum(len(str(value)) for value in letter.headers.values()) < 70_000


def test_what_was_tried_and_what_was_handed_out_again_are_counted_together() -> None:
    again = _envelope().for_stage("motion", attempts=2)

    came = Envelope({**again.headers, "x-delivery-count": 1, "x-death": []})

    assert (came.returns, came.attempts) == (1, 3)
    assert [name for name in came.for_stage("motion").headers if name.startswith("x-")] == []


def test_finished_frames_are_remembered_for_a_while() -> None:
    finished = Finished(kept=2)

    told = [finished.mark("motion", frame_id) for frame_id in ("a", "a", "b", "c", "a")]

    assert told == [True, False, True, True, True]
    assert [finished.has("motion", frame_id) for frame_id in ("a", "b", "c")] == [True, False, True]
    assert not finished.has("resize", "a")


@pytest.mark.parametrize("url", ["", "redis://h/", "amqp://", "amqp://u:p#x@h/", "amqp://u:p/x@h/", "amqp://h:port/"])
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="has a URL that cannot be read"):
        address_of(url)


def test_a_pipelines_queues_have_names_of_their_own_and_expire() -> None:
    contract = BrokerContract(type="RabbitMQ", max_frames=1, frame_seconds=60)
    one, another = (
        Names.of(PipelineRef(namespace="n" * 63, name="p" * 40, uid=uid * 8), contract) for uid in ("1234", "5678")
    )

    stage = "s" * 32
    specs = [one.frames("c" * 32, stage, stage), one.trial(stage, stage), one.ended(stage), one.dead(stage)]
    assert len({spec.name for spec in specs}) == len(specs)
    assert all(len(spec.name) <= 255 and spec.table["x-expires"] >= 3_600_000 for spec in specs)
    assert specs[0].table["x-max-length"] == 0
    assert another.ended(stage).name != one.ended(stage).name
