# ruff: noqa: ANN001, ANN201 - the yard's type lives in conftest.py, which cannot be imported
from __future__ import annotations

from camera_runtime.backoff import Backoff
from camera_runtime.capture.capturer import Capturer
from camera_runtime.capture.local import LocalFeed
from camera_runtime.capture.memory import MemoryPacket, MemorySource
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.status import CameraStatus

NOW = 10**18
SECOND = 10**9
NO_WAIT = Backoff(first=0.0, most=0.0)


class Sources:
    """Gives the sources of one connection after the other; tells the capturer to end with the last one."""

    def __init__(self, yard, *sources: MemorySource) -> None:
        self.yard = yard
        self.left = list(sources)
        self.capturer: Capturer | None = None

    def __call__(self) -> LocalFeed:
        source = self.left.pop(0)
        if not self.left and self.capturer:
            self.capturer.stop()
        return self.yard.feed(source)

    def close(self) -> None:
        self.closed = True


def capturer(yard, *sources: MemorySource, monotonic=lambda: 0.0):
    status = CameraStatus("cam01", yard.account, lambda: 5.0)
    play = Sources(yard, *sources, MemorySource())
    made = Capturer(play, yard.pipeline(), status, NO_WAIT, monotonic)
    play.capturer = made
    return made, status


def test_a_camera_that_is_away_is_tried_again_until_it_answers(yard, picture) -> None:
    refusal = SourceError(Problem.UNREACHABLE, "no answer")
    away, back = MemorySource(refusal=refusal), MemorySource([MemoryPacket(NOW, [picture()])])
    made, status = capturer(yard, away, away, back)
    made.run()
    assert yard.account.names().count("left") == 1
    assert ("camera_failed", Problem.UNREACHABLE) in yard.account.calls
    assert back.calls == ["open", "close"]
    assert not status.snapshot().connected
    assert status.snapshot().reason == "Unreachable"


def test_coming_back_counts_as_a_reconnect(yard, picture) -> None:
    packets = [MemoryPacket(NOW, [picture()]), MemoryPacket(NOW + 1, [picture()])]
    made, _ = capturer(yard, MemorySource(packets), MemorySource(packets))
    made.run()
    assert yard.account.names().count("camera_reconnected") == 1


def test_damaged_packets_are_counted_and_the_stream_goes_on(yard, picture) -> None:
    packets = [MemoryPacket(NOW, [picture()]), MemoryPacket(NOW, damaged=True), MemoryPacket(NOW, [picture()])]
    made, _ = capturer(yard, MemorySource(packets))
    made.run()
    assert yard.account.names().count("left") == 2
    assert ("camera_failed", Problem.INVALID_STREAM) in yard.account.calls


def test_a_stream_of_damage_alone_is_given_up(yard) -> None:
    source = MemorySource([MemoryPacket(NOW, damaged=True)] * 500)
    made, status = capturer(yard, source)
    made.run()
    assert status.snapshot().reason == "NoStream"
    assert yard.account.names().count("entered") == 100


def test_a_frozen_picture_breaks_the_connection_once_and_is_said_until_it_moves(yard, picture) -> None:
    still = [MemoryPacket(NOW + second * SECOND, [picture(90)]) for second in range(20)]
    later = [MemoryPacket(NOW + (20 + second) * SECOND, [picture(90)]) for second in range(5)]
    made, _ = capturer(yard, MemorySource(still), MemorySource(later))
    made.run()
    assert yard.account.calls.count(("camera_failed", Problem.FROZEN)) == 1
    assert yard.account.names().count("left") == 9 + 5
    assert ("camera_reconnected",) not in yard.account.calls


def test_a_connection_without_progress_is_broken_by_the_watchdog(yard) -> None:
    now = [0.0]

    class Hanging(MemorySource):
        def open(self) -> None:
            super().open()
            now[0] = 7.9
            assert not made.check()
            now[0] = 8.0
            assert made.check()
            raise self.end

    hanging = Hanging()
    made, _ = capturer(yard, hanging, monotonic=lambda: now[0])
    made.run()
    assert hanging.calls == ["open", "abort", "close"]
    assert not made.check(), "nothing is open"


def test_a_close_that_hangs_is_broken_by_the_watchdog_and_the_camera_is_tried_again(yard, picture) -> None:
    now = [0.0]

    class Clinging(MemorySource):
        def close(self) -> None:
            assert not made.check()
            now[0] += 8.0
            assert made.check(), "the watchdog reaches a connection that is being closed"
            super().close()

    packets = [MemoryPacket(NOW, [picture()])]
    clinging, back = Clinging(packets), MemorySource(packets)
    made, _ = capturer(yard, clinging, back, monotonic=lambda: now[0])
    made.run()
    assert clinging.calls == ["open", "abort", "close"]
    assert yard.account.names().count("left") == 2


def test_the_loop_counts_as_alive_while_the_camera_is_away(yard) -> None:
    now = [0.0]
    made, _ = capturer(yard, MemorySource(refusal=SourceError(Problem.SILENT, "silent")), monotonic=lambda: now[0])
    made.run()
    now[0] = 59.0
    assert made.alive
    now[0] = 61.0
    assert not made.alive
