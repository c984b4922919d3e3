"""Pods run anybody's images: whatever they say, statuses stay true and small, and the operator goes on at its pace."""

from typing import Any

import pytest
from frame_tracking import HopCount
from frame_tracking.ledger import BrokerState
from frametrace_operator.flow_memory import FlowMemory
from frametrace_operator.pace import FLOW_SECONDS
from frametrace_operator.pods.base import Target
from frametrace_operator.pods.book import Book
from frametrace_operator.redaction import redacted
from frametrace_operator.texts import clipped, clipped_bytes

LONG = 1_000_000


@pytest.mark.parametrize("text", ["a" * LONG, "a://" * LONG, "token " * LONG, "bearer" + " " * LONG, "@" * LONG])
def test_a_long_text_without_credentials_is_left_as_it_is_at_once(text: Any) -> None:
    assert redacted(text) == text  # in time that grows with the square of the length, this would take many minutes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rtsp://user:p@ss@host/1 refused", "rtsp://***@host/1 refused"),
        ("'redis://:pw@a:1' and rediss://b:2", "'redis://***@a:1' and rediss://b:2"),
        ("mail a@b", "mail a@b"),
    ],
)
def test_user_information_is_taken_out_of_addresses(text: Any, said: Any) -> None:
    assert redacted(text) == said


@pytest.mark.parametrize("role", ["camera", "broker"])
async def test_a_pod_that_says_too_much_is_cut_short_and_its_pipeline_goes_on(world: Any, role: Any) -> None:
    await world.ready()
    if role == "camera":
        world.camera_says("cam01", reason="Unreachable", message="x" * LONG)
    else:
        state = BrokerState(connected=False, reason="Unreachable", message="x" * LONG)
        world.ledgers.put(world.ip("stage", "motion"), world.ledger("motion", ("cam01",), broker=state))
    await world.book.refresh()
    world.later(5)
    await world.settle()
    kind = "CaptureAvailable" if role == "camera" else "BrokerAvailable"
    assert world.condition(kind) == ("False", "Unreachable")
    assert len(str(world.resource()["status"])) < 20_000


async def test_many_long_names_fit_into_a_stage_s_line(world: Any) -> None:
    cameras = tuple(f"camera-{number:03}-{'x' * 21}" for number in range(70))
    await world.ready(cameras=[{"id": camera, "source": {"url": f"rtsp://c.example/{camera}"}} for camera in cameras])
    assert world.condition("Ready")[0] == "True"
    world.later(FLOW_SECONDS + 2)
    world.flow(cameras=cameras, stages=())
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready") == ("False", "StagesUnavailable")


def test_a_pod_that_names_ever_new_hops_is_forgotten_as_fast(world: Any) -> None:
    memory = FlowMemory()
    for second in range(0, 600, 3):
        hops = tuple(HopCount(camera=f"c{second}-{n}", hop="x", session="s", entered=1) for n in range(10))
        memory.read("pod", world.ledger("x", ()).model_copy(update={"hops": hops}), float(second))
    assert len(memory._processes["pod"].grew) < 200


async def test_an_answer_that_breaks_the_reader_is_that_pod_s_trouble_alone() -> None:
    class Broken:
        async def read(self, target: Target, asked: Any = None) -> Any:  # noqa: ARG002 (the seam's)
            raise AssertionError(target.ip)

    beats: list[int] = []
    book: Book[str] = Book(Broken(), lambda: 0.0)
    flow = await book.watch("yard", [Target("pod", "uid", "10.0.0.1")])
    await book.refresh(lambda: beats.append(1))
    assert flow.unreadable == {"uid": "its answer cannot be read: AssertionError"}
    assert beats == [1]


async def test_a_note_is_as_long_as_the_api_server_takes(world: Any) -> None:
    await world.ready()
    world.camera_says("cam01", reason="Unreachable", message="é" * 900)
    await world.book.refresh()
    await world.settle()
    [note] = [note for _, reason, note in world.events() if reason == "CameraUnreachable"]
    assert len(note.encode()) <= 1024


@pytest.mark.parametrize(("text", "most"), [("", 4), ("abcd", 4), ("abcde", 4), ("éééé", 5)])
def test_a_cut_text_keeps_its_bound(text: Any, most: Any) -> None:
    assert len(clipped(text, most)) <= most
    assert len(clipped_bytes(text, most).encode()) <= most
