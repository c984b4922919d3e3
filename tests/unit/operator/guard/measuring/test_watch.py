"""The measuring of pipelines, with a clock, pods and Jaegers of the test's own; ledgers are those of the runtime's own book."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from frame_tracking import (
    CAPTURE_HOP,
    CAPTURE_SERVICE,
    FinishedFrames,
    FrameID,
    Journey,
    JourneySpan,
    Ledger,
    LedgerWindow,
    Outcome,
    SpanCount,
    Topology,
)
from frametrace_api.status_tracing import AuditMethod, AuditResult
from frametrace_operator.guard.evidence import AuditFinding, Cause, Evidence
from frametrace_operator.guard.jaeger.base import JaegerAt, JaegerSilentError, Taken
from frametrace_operator.guard.jaeger.memory import MemoryJaegers
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.pods.base import Asked, Target
from frametrace_operator.pods.memory import MemoryLedgers
from telemetry import LedgerBook

BEGIN = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
TREE = Topology.of([("motion", "capture")])
FPS = 10


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = BEGIN
        self.set_back = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return self.seconds - self.set_back

    async def sleep(self, seconds: float) -> None:
        done = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + max(0.0, seconds), next(self._order), done))
        await done

    async def until(self, at: float) -> None:
        """Wake whoever sleeps until then, in order."""
        await _let_run()
        while self._sleepers and self._sleepers[0][0] <= at:
            self.seconds, _, done = heapq.heappop(self._sleepers)
            if not done.done():
                done.set_result(None)
            await _let_run()
        self.seconds = at


async def _let_run() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


class Pod:
    """A process of a pipeline: a ledger with a book of the runtime's."""

    def __init__(self, site: Site, service: str, ip: str, skew: float = 0.0) -> None:
        self.service, self.ip, self.site, self.skew = service, ip, site, skew
        self.hop = CAPTURE_HOP if service == CAPTURE_SERVICE else service
        self.started = site.time.now()
        self.spans = {"created": 0, "exported": 0}
        self.dropped: dict[str, int] = {}
        self.cpu = [0.0, 0.0]
        self.partial = 0
        self.book = LedgerBook()
        self.book.follow(TREE.revision, on=True)
        site.ledgers.answer_windows(ip, lambda asked: self.book.window(asked.start, asked.end, asked.frames))

    def tell(self) -> None:
        """Let its ledger be what it is now."""
        spans = SpanCount(**self.spans, dropped=dict(self.dropped), partial=self.partial, cpu_seconds=self.cpu[1])
        self.site.ledgers.put(
            self.ip,
            Ledger(
                pipeline="line",
                service=self.service,
                pod=self.ip,
                revision=TREE.revision,
                started=self.started,
                now=self.site.time.now() + self.skew,
                spans=spans,
                cpu_seconds=self.cpu[0],
            ),
        )

    @property
    def target(self) -> Target:
        return Target(self.ip, f"uid-{self.ip}", self.ip, self.hop)


class Site:
    """A pipeline of a capture and a stage, its Jaeger, and the watch over it."""

    def __init__(self, skew: float = 0.0, url: str = "http://jaeger") -> None:
        self.time, self.ledgers, self.jaegers = Time(), MemoryLedgers(), MemoryJaegers()
        self.jaegers.put(url)
        self.capture, self.motion = Pod(self, CAPTURE_SERVICE, "10.0.0.1", skew), Pod(self, "motion", "10.0.0.2")
        self.changes: list[str] = []
        self.watch: Watch[str] = Watch(self.ledgers, self.jaegers, self.changes.append, self.time, spread=False)
        self.at = JaegerAt(url)
        self.loses: Callable[[FrameID], bool] = lambda _: False
        self.drops: Callable[[FrameID], str] = lambda _: ""
        self.frames: list[FrameID] = []
        self.backlog: list[FrameID] = []
        self.motion_works = True
        self.watched = self.told()

    def told(self, **fields: Any) -> Watched:
        """What the watch is told."""
        known: dict[str, Any] = {"topology": TREE, "jaeger": self.at, "life": "j:0"} | fields
        return Watched(frozenset({self.capture.target, self.motion.target}), **known)

    def frame(self) -> None:
        """One frame from the camera to its end."""
        at = datetime.fromtimestamp(self.time.now() + self.capture.skew + 0.03, UTC)
        frame = FrameID.build(at, "cam01", "aaaaa", len(self.frames) + 1)
        self.frames.append(frame)
        self.capture.book.enter(frame, CAPTURE_HOP, traced=True)
        self.capture.book.leave(frame, CAPTURE_HOP, at=1.0)
        self.backlog.append(frame)
        while self.motion_works and self.backlog:
            self._end(self.backlog.pop(0))
        for pod in (self.capture, self.motion):
            pod.cpu[0] += 0.012
            pod.cpu[1] += 0.0001

    def _end(self, frame: FrameID) -> None:
        self.motion.book.enter(frame, "motion", traced=True)
        self.motion.book.end(frame, "motion", (Outcome.COMPLETED, None), at=1.0)
        cause = self.drops(frame)
        for pod in (self.capture, self.motion):
            lost = cause and pod is self.motion
            pod.spans["created"] += 2
            pod.spans["exported"] += 0 if lost else 2
            if lost:
                pod.dropped[cause] = pod.dropped.get(cause, 0) + 2
        spans = journey(frame).spans
        if not self.loses(frame):
            self.jaegers.put(self.at.url, Journey(frame.trace_id, spans[:1] if cause else spans))

    async def go(self, seconds: float) -> None:
        """Let so many seconds pass, with frames."""
        for _ in range(round(seconds * FPS)):
            self.frame()
            for pod in (self.capture, self.motion):
                pod.tell()
            await self.time.until(self.time.now() + 1 / FPS)

    async def go_counted(self, seconds: int) -> None:
        """The same, and Jaeger tells how many spans it took."""
        for _ in range(seconds):
            await self.go(1)
            lost = sum(self.loses(frame) for frame in self.frames)
            self.jaegers.took[self.at.url] = Taken(4 * (len(self.frames) - lost))

    def in_a_fleet(self) -> None:
        """Thousands of other pipelines have their shares of the look-ups."""
        for number in range(5000):
            self.watch.lookups.share(f"other-{number}", 900, 30, suspect=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        for pod in (self.capture, self.motion):
            pod.tell()
        self.watch.follow("line", self.watched)
        task = asyncio.ensure_future(self.watch.run())
        try:
            yield
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    @property
    def evidence(self) -> Evidence:
        return self.watch.evidence("line")

    @property
    def audits(self) -> tuple[AuditFinding, ...]:
        return self.evidence.audits


def journey(frame: FrameID) -> Journey:
    root = {"frametrace.revision": TREE.revision}
    consumer = {"span.kind": "consumer", "frame.outcome": "completed"}
    return Journey(
        frame.trace_id,
        (
            JourneySpan("1", None, (), "capture_frame", CAPTURE_SERVICE, 1, 1, root),
            JourneySpan("2", "1", (), "process_frame", "motion", 2, 1, consumer),
        ),
    )


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_healthy_pipeline_is_complete_window_after_window(site: Site) -> None:
    async with site.running():
        await site.go(120)

    assert [(a.result, a.method, a.expected, a.checked, a.missing) for a in site.audits] == [
        (AuditResult.COMPLETE, AuditMethod.EXACT, 300, 300, 0)
    ] * 3
    starts = [a.window_start.timestamp() - BEGIN for a in site.audits]
    assert starts == [0, 30, 60]
    assert max(site.jaegers.asked) == 301  # with the frame that bears witness
    assert site.evidence.overheads[-1].percent == pytest.approx(100 / 119)
    assert site.evidence.backends[-1].failed_probes == 0
    assert 0 < site.evidence.backends[-1].spans <= 1400
    assert site.evidence.projection is not None
    assert site.evidence.ended == 900
    assert set(site.changes) == {"line"}


@pytest.mark.parametrize("skew", [-5.0, 5.0])
async def test_a_clock_that_is_wrong_by_seconds_changes_no_finding(skew: float) -> None:
    site = Site(skew)
    site.loses = lambda frame: frame.sequence % 20 == 0
    async with site.running():
        await site.go(130)

    assert [(a.expected, a.missing) for a in site.audits[1:]] == [(300, 15)] * (len(site.audits) - 1)
    assert len(site.audits) >= 3


async def test_each_missing_frame_is_named_with_hop_and_cause_within_the_time_to_alarm(site: Site) -> None:
    async with site.running():
        await site.go(60)
        since = site.time.now()
        lost: list[FrameID] = []
        site.loses = lambda frame: frame.sequence % 20 == 0 and not lost.append(frame)
        while sum(audit.missing > 0 for audit in site.audits) < 2:
            await site.go(1)
            assert site.time.now() - since < 90

    named = [frame.frame_id for audit in site.audits for frame in audit.frames]
    assert set(named) <= set(lost)
    assert len(named) == 30
    assert {(f.hop, f.cause) for a in site.audits for f in a.frames} == {("capture", Cause.LOST_ON_THE_WAY)}
    assert [a.low for a in site.audits if a.missing] == [5.0, 5.0]


async def test_spans_that_a_pod_dropped_are_told_with_its_cause(site: Site) -> None:
    site.drops = lambda frame: "queue_full" if frame.sequence % 10 == 0 else ""
    async with site.running():
        await site.go(100)

    assert [(a.missing, a.hop, a.cause) for a in site.audits] == [(30, "motion", Cause.BUFFER_FULL)] * 2
    assert site.evidence.dropped == {"queue_full": 60}


async def test_a_backlog_is_in_flight_and_nothing_is_missing(site: Site) -> None:
    async with site.running():
        await site.go(20)
        site.motion_works = False
        await site.go(60)
        site.motion_works = True
        await site.go(120)

    assert {audit.result for audit in site.audits} == {AuditResult.COMPLETE}
    assert sum(audit.expected for audit in site.audits) >= 1200


async def test_a_few_frames_that_are_late_are_waited_for_and_one_that_is_stuck_is_left_out(site: Site) -> None:
    async with site.running():
        await site.go(28)
        site.motion_works = False
        await site.go(9)
        site.motion_works = True
        await site.go(16)
        stuck = FrameID.build(datetime.fromtimestamp(site.time.now(), UTC), "cam01", "bbbbb", 1)
        site.capture.book.enter(stuck, CAPTURE_HOP, traced=True)
        site.capture.book.leave(stuck, CAPTURE_HOP, at=1.0)
        await site.go(60)

    assert [(audit.expected, audit.missing) for audit in site.audits] == [(300, 0)] * len(site.audits)
    assert len(site.audits) >= 2


async def test_a_silent_jaeger_makes_windows_unknown_and_probes_tell(site: Site) -> None:
    async with site.running():
        await site.go(60)
        site.jaegers.silence(site.at.url, "connection refused")
        await site.go(20)
        assert site.evidence.backends[-1].failed_probes >= 3
        assert site.evidence.backends[-1].probe_error == "connection refused"
        await site.go(40)
        site.jaegers.speak(site.at.url)
        await site.go(100)

    results = [audit.result for audit in site.audits]
    assert AuditResult.MISSING not in results
    assert AuditResult.UNKNOWN in results
    assert results[-1] is AuditResult.COMPLETE
    assert site.evidence.backends[-1].failed_probes == 0
    assert any("Jaeger" in audit.reason for audit in site.audits)


def fail_probes(site: Site, *which: int, every: int) -> None:
    """Let these probes out of so many fail."""
    probe, made = site.jaegers.probe, count()

    async def failing(at: JaegerAt) -> None:
        if next(made) % every in which:
            raise JaegerSilentError("it answers 503, and not as Jaeger's query API does")
        await probe(at)

    site.jaegers.probe = failing  # type: ignore[method-assign]


@pytest.mark.parametrize("every", [3, 4, 5])
async def test_probes_that_fail_one_at_a_time_hide_no_loss(site: Site, every: int) -> None:
    fail_probes(site, 1, every=every)
    site.loses = lambda frame: frame.sequence % 2 == 0
    async with site.running():
        await site.go(400)

    missing = [audit for audit in site.audits if audit.result is AuditResult.MISSING]
    assert {(audit.expected, audit.missing) for audit in missing} == {(300, 150)}
    assert len(missing) >= len(site.audits) // 2, "a probe that fails right now still makes its window unknown"


async def test_probes_that_fail_one_at_a_time_make_nothing_missing(site: Site) -> None:
    fail_probes(site, 1, every=3)
    async with site.running():
        await site.go(300)

    assert {audit.result for audit in site.audits} == {AuditResult.COMPLETE}


async def test_a_jaeger_that_fails_probes_in_a_row_and_has_not_stored_yet_makes_nothing_missing(site: Site) -> None:
    fail_probes(site, 1, 2, every=5)
    site.loses = lambda frame: frame.sequence % 2 == 0
    async with site.running():
        await site.go(300)

    assert {audit.result for audit in site.audits} == {AuditResult.UNKNOWN}
    assert {audit.reason for audit in site.audits} >= {"Jaeger did not answer meanwhile: it does again"}


async def test_spans_that_could_not_be_sent_while_a_probe_failed_are_nothing_missing(site: Site) -> None:
    fail_probes(site, 1, every=4)
    site.drops = lambda frame: "unavailable" if frame.sequence % 10 == 0 else ""
    async with site.running():
        await site.go(200)

    results = [audit.result for audit in site.audits]
    assert AuditResult.UNKNOWN in results
    assert AuditResult.MISSING not in results


async def test_a_failed_probe_excuses_while_nobody_would_know_of_a_restart(site: Site) -> None:
    site.watched = site.told(life="")
    fail_probes(site, 1, every=4)
    site.loses = lambda _: True
    async with site.running():
        await site.go(200)

    assert {audit.result for audit in site.audits} == {AuditResult.UNKNOWN}


async def test_a_name_that_cannot_be_resolved_here_is_no_failed_probe_and_makes_nothing_missing(site: Site) -> None:
    async with site.running():
        await site.go(61)
        site.jaegers.hide(site.at.url)
        await site.go(60)
        unresolved = site.evidence.backends[-1]
        site.jaegers.speak(site.at.url)
        await site.go(80)

    assert (unresolved.failed_probes, unresolved.probe_error) == (0, "its name cannot be resolved here")
    results = [audit.result for audit in site.audits]
    assert set(results) == {AuditResult.COMPLETE, AuditResult.UNKNOWN}
    assert results[-1] is AuditResult.COMPLETE
    assert site.evidence.backends[-1].probe_error == ""


async def test_a_jaeger_that_lost_all_between_two_probes_makes_nothing_missing(site: Site) -> None:
    async with site.running():
        await site.go(81)
        site.jaegers.lose(site.at.url)
        await site.go(80)

    told = {audit.result for audit in site.audits}
    assert told == {AuditResult.COMPLETE, AuditResult.UNKNOWN}
    assert {audit.evicted for audit in site.audits} == {0}


async def test_a_jaeger_that_lost_all_excuses_no_window_of_frames_captured_later(site: Site) -> None:
    async with site.running():
        await site.go(60)
        site.jaegers.lose(site.at.url)
        site.loses = lambda _: True  # as a purge followed by a proxy that loses everything
        await site.go(150)

    results = [audit.result for audit in site.audits]
    assert AuditResult.UNKNOWN in results
    assert results[-2:] == [AuditResult.MISSING, AuditResult.MISSING]
    assert [audit.missing for audit in site.audits[-2:]] == [300, 300]


async def test_a_capture_that_calls_every_window_over_is_read_no_oftener_than_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads = site.ledgers.read, list[Asked | None]()

    async def hostile(target: Target, asked: Asked | None = None) -> Ledger:
        reads.append(asked)
        assert len(reads) < 1000, "the loop never waits"
        told = await read(target, asked)
        return told.model_copy(update={"now": asked.end + 100.0}) if asked is not None else told

    async with site.running():
        await site.go(60)
        monkeypatch.setattr(site.ledgers, "read", hostile)
        await site.go(300)

    assert len(reads) < 100


async def test_a_ring_that_is_too_small_is_told_apart(site: Site) -> None:
    site.watched = site.told(max_traces=300)
    kept: list[Journey] = []

    async with site.running():
        for _ in range(130):
            await site.go(1)
            kept = [journey(frame) for frame in site.frames[-300:]]
            site.jaegers.lose(site.at.url)
            site.jaegers.put(site.at.url, *kept)

    assert {(a.result, a.missing) for a in site.audits} <= {(AuditResult.COMPLETE, 0), (AuditResult.UNKNOWN, 0)}
    assert all(audit.evicted > 50 and "too small" in audit.reason for audit in site.audits[1:])


async def test_a_replaced_pod_makes_its_frames_unknown_not_missing(site: Site) -> None:
    async with site.running():
        await site.go(50)
        site.loses = lambda _: True  # killed with the spans that it held
        await site.go(1)
        site.loses = lambda _: False
        site.motion = Pod(site, "motion", "10.0.0.3")
        site.ledgers.silence("10.0.0.2")
        site.watch.follow("line", site.told())
        await site.go(80)

    assert [audit.missing for audit in site.audits] == [0] * len(site.audits)
    assert [(audit.expected, audit.unknown, audit.result) for audit in site.audits[:3]] == [
        (300, 0, AuditResult.COMPLETE),
        (300, 210, AuditResult.UNKNOWN),
        (300, 0, AuditResult.COMPLETE),
    ]


async def test_a_pod_that_never_tells_keeps_no_window_waiting(site: Site) -> None:
    silent = Target("motion-2", "uid-2", "10.0.0.9", "motion")
    site.watched = replace(site.told(), targets=site.watched.targets | {silent})
    site.motion_works = False  # all frames went to the one that is silent
    async with site.running():
        await site.go(130)

    assert [audit.window_start.timestamp() - BEGIN for audit in site.audits] == [0, 30, 60]
    assert {audit.result for audit in site.audits} == {AuditResult.UNKNOWN}
    assert all("told no ledger: motion-2" in audit.reason for audit in site.audits)


async def test_a_live_switch_makes_nothing_missing(site: Site) -> None:
    async with site.running():
        await site.go(40)
        site.motion.book.follow(TREE.revision, on=False)  # the stage is switched before the capture is
        site.drops = lambda _: "passive"
        await site.go(3)
        site.motion.book.follow(TREE.revision, on=True)
        site.drops = lambda _: ""
        await site.go(80)

    assert [audit.missing for audit in site.audits] == [0] * len(site.audits)
    assert any("switched" in audit.reason for audit in site.audits)


async def test_a_change_of_stages_makes_nothing_missing(site: Site) -> None:
    other = Topology.of([("motion", "capture"), ("archive", "motion")])
    async with site.running():
        await site.go(40)
        site.watch.follow("line", site.told(topology=other))
        for pod in (site.capture, site.motion):
            pod.book.follow(other.revision, on=True)
        await site.go(80)

    assert [audit.missing for audit in site.audits] == [0] * len(site.audits)
    assert any("stages changed" in audit.reason for audit in site.audits)


async def test_frames_of_stages_that_nobody_knows_stay_unknown_though_others_are_looked_for_again(site: Site) -> None:
    site.loses = lambda frame: frame.sequence % 20 == 0
    root = JourneySpan("1", None, (), "capture_frame", CAPTURE_SERVICE, 1, 1, {"frametrace.revision": "unheard"})
    async with site.running():
        for _ in range(60):
            await site.go(1)
            others = [frame for frame in site.frames if frame.sequence % 10 == 1]
            site.jaegers.put(site.at.url, *(Journey(frame.trace_id, (root,)) for frame in others))

    assert [(audit.missing, audit.unknown) for audit in site.audits] == [(15, 30)] * len(site.audits)
    assert site.audits


async def test_a_sample_that_misses_one_is_looked_at_whole_at_once(site: Site) -> None:
    site.loses = lambda frame: frame.sequence % 2 == 0
    async with site.running():
        for number in range(500):  # others, that want their share of the budget
            site.watch.lookups.share(f"other-{number}", 900, 30, suspect=False)
        await site.go(50)

    assert [(a.method, a.expected, a.missing) for a in site.audits] == [(AuditMethod.EXACT, 300, 150)]
    assert min(site.jaegers.asked) <= 11


async def test_spans_that_jaeger_did_not_take_make_a_pipeline_suspect(site: Site) -> None:
    site.at = JaegerAt(site.at.url, metrics_url="http://jaeger/metrics")
    site.watched = site.told()
    site.loses = lambda frame: frame.sequence % 50 == 0
    async with site.running():
        for number in range(5000):
            site.watch.lookups.share(f"other-{number}", 900, 30, suspect=False)
        for _ in range(200):
            await site.go(1)
            taken = site.capture.spans["exported"] + site.motion.spans["exported"]
            site.jaegers.took[site.at.url] = Taken(taken - 4 * (len(site.frames) // 50))

    assert (AuditMethod.EXACT, 300, 6) in [(a.method, a.expected, a.missing) for a in site.audits]


async def test_the_volume_of_a_jaeger_tells_the_size_of_a_span_as_long_as_there_is_one(site: Site) -> None:
    site.at = JaegerAt(site.at.url, metrics_url="http://jaeger/metrics")
    site.watched = site.told(on_volume=True, bytes_per_span=1234)
    async with site.running():
        for _ in range(400):
            await site.go(1)
            spans = 4 * len(site.frames)
            site.jaegers.took[site.at.url] = Taken(spans, 2000 * spans, 10**9)
        known = site.watch.evidence("line")
        site.watch.follow("line", site.told(on_volume=False))

    assert known.bytes_per_span == 1234, "as an operator before this one has measured"
    assert known.projection is not None
    assert known.projection.bytes_per_span == 1234
    assert known.projection.bytes_per_day == pytest.approx(4 * FPS * 86_400 * 1234, rel=0.05)
    assert site.watch.evidence("line").bytes_per_span is None


async def test_pods_that_say_nonsense_end_nobodys_measuring(site: Site) -> None:
    hostile = Target("hostile", "uid-x", "10.9.9.9")
    bad = Ledger(pipeline="x", service=CAPTURE_SERVICE, pod="x", revision="x", started=1.0, now=1e300)
    site.ledgers.put(hostile.ip, bad)
    async with site.running():
        site.watch.follow("hostile", Watched(frozenset({hostile}), TREE, JaegerAt("http://nowhere")))
        await site.go(100)
        site.watch.forget("hostile")
        await site.go(5)

    assert [audit.result for audit in site.audits] == [AuditResult.COMPLETE] * 3
    assert site.watch.evidence("hostile") == Evidence()


async def test_a_stage_that_names_frames_of_the_capture_makes_nothing_missing(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    book, honest = site.capture.book, site.motion.book
    invented = [FrameID.build(datetime.fromtimestamp(BEGIN + n / 10, UTC), "cam01", "zzzzz", n) for n in range(1, 1000)]

    def lies(asked: Asked) -> LedgerWindow:
        told = honest.window(asked.start, asked.end, asked.frames)
        lied = tuple(frame for frame in invented if asked.start <= frame.time.timestamp() < asked.end)
        more = tuple(FinishedFrames(camera="cam01", hop=hop, left=lied, ended=lied) for hop in (CAPTURE_HOP, "motion"))
        more += tuple(book.window(asked.start, asked.end, asked.frames).frames)
        return told.model_copy(update={"frames": told.frames + more})

    site.ledgers.answer_windows(site.motion.ip, lies)
    async with site.running():
        await site.go(110)

    assert [(audit.expected, audit.missing) for audit in site.audits] == [(300, 0)] * len(site.audits)
    assert len(site.audits) >= 2
    assert capsys.readouterr().err.count("names frames that are not its own") <= 1


async def test_a_jaeger_that_is_another_process_before_the_first_look_makes_nothing_missing(site: Site) -> None:
    async with site.running():
        await site.go(20)
        site.jaegers.lose(site.at.url)
        site.watch.follow("line", site.told(life="j:1"))
        await site.go(100)

    assert [audit.missing for audit in site.audits] == [0] * len(site.audits)
    first, *later = site.audits
    assert (first.result, first.reason) == (AuditResult.UNKNOWN, "Jaeger was restarted or replaced meanwhile")
    assert later[-1].result is AuditResult.COMPLETE


async def test_of_a_jaeger_that_nobody_sees_the_first_look_blames_no_frame_older_than_all_it_has(site: Site) -> None:
    site.watched = site.told(life="")
    site.loses = lambda frame: frame.sequence % 20 == 0
    async with site.running():
        await site.go(20)
        site.jaegers.lose(site.at.url)  # restarted, before it was first looked at
        await site.go(100)

    first, second, *_ = site.audits
    assert (first.unknown, first.missing) == (200, 5)
    assert (second.unknown, second.missing) == (0, 15)


async def test_a_jaeger_that_nobody_sees_and_that_has_nothing_is_blamed_at_the_second_look(site: Site) -> None:
    site.watched = site.told(life="")
    site.loses = lambda _: True
    async with site.running():
        await site.go(120)

    assert [(audit.unknown, audit.missing) for audit in site.audits] == [(300, 0), (0, 300), (0, 300)]


async def test_in_a_large_fleet_counts_find_a_loss_of_five_percent_in_time_where_the_jaeger_is_the_pipelines_alone(
    site: Site,
) -> None:
    site.at = JaegerAt(site.at.url, metrics_url="http://jaeger/metrics")
    site.watched = site.told()

    async with site.running():
        site.in_a_fleet()
        await site.go_counted(100)
        since = len(site.frames)
        site.loses = lambda frame: frame.sequence > since and frame.sequence % 20 == 0
        begun = site.time.now()
        while sum(audit.low > 1 for audit in site.audits) < 2:
            await site.go_counted(1)
            assert site.time.now() - begun < 105

    assert [audit.method for audit in site.audits if audit.low > 1] == [AuditMethod.EXACT] * 2


async def test_frames_that_were_on_their_way_when_their_window_was_looked_up_are_judged_when_they_have_ended(
    site: Site,
) -> None:
    site.loses = lambda frame: 260 < frame.sequence <= 300
    async with site.running():
        await site.go(26)
        site.motion_works = False
        await site.go(24)
        site.motion_works = True
        await site.go(80)

    late = [audit for audit in site.audits if audit.missing]
    assert [(audit.missing, audit.window_start.timestamp() - BEGIN) for audit in late] == [(40, 0)]
    assert {frame.frame_id.sequence for frame in late[0].frames} == set(range(261, 301))
    assert site.audits[0].result is AuditResult.COMPLETE


async def test_more_windows_are_kept_where_more_are_wanted_in_a_row(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "FPS", 1)
    site.watched = site.told(window_seconds=5)
    async with site.running():
        await site.go(140)
        before = len(site.audits)
        site.watch.follow("line", site.told(window_seconds=5, failure_windows=8))
        await site.go(40)

    assert (before, len(site.audits), len(site.evidence.backends)) == (20, 24, 24)


async def test_a_jaeger_is_known_to_answer_once_it_did_and_only_as_long_as_it_does(site: Site) -> None:
    site.jaegers.silence(site.at.url)
    async with site.running():
        assert not site.evidence.answers
        await site.go(12)
        assert not site.evidence.answers
        site.jaegers.speak(site.at.url)
        await site.go(6)
        assert site.evidence.answers
        site.jaegers.hide(site.at.url)
        await site.go(11)
        assert not site.evidence.answers


async def test_the_first_answer_is_told_and_makes_no_window(site: Site) -> None:
    async with site.running():
        await site.go(1)
        evidence, changes = site.evidence, site.changes.copy()

    assert (evidence.answers, evidence.backends, changes) == (True, (), ["line"])


async def test_who_comes_later_is_told_of_a_jaeger_that_is_known_and_of_another_one_nothing(site: Site) -> None:
    async with site.running():
        await site.go(1)
        assert site.watch.follow("other", site.watched) == site.watch.evidence("other")
        assert site.watch.evidence("other").answers
        elsewhere = site.told(jaeger=JaegerAt("http://elsewhere"))
        assert not site.watch.follow("other", elsewhere).answers


async def test_a_clock_that_is_set_back_hides_no_loss_and_dates_what_follows(site: Site) -> None:
    fail_probes(site, 1, 2, every=1000)
    async with site.running():
        await site.go(100)
        before = len(site.audits)
        site.time.set_back = 3600.0
        site.loses = lambda frame: frame.sequence % 2 == 0
        await site.go(100)

    assert before
    assert {audit.at.timestamp() < site.time.wall() for audit in site.audits} == {True}
    assert {one.at.timestamp() <= site.time.wall() for one in site.evidence.backends} == {True}
    assert [audit.result for audit in site.audits][-2:] == [AuditResult.MISSING, AuditResult.MISSING]


async def test_a_capture_whose_clock_was_an_hour_ahead_makes_nothing_unknown_once_it_is_corrected(site: Site) -> None:
    for number in range(300):  # 25 minutes of another session, of which the oldest are forgotten
        at = datetime.fromtimestamp(BEGIN + 3600 + 5 * number, UTC)
        frame = FrameID.build(at, "cam01", "ahead", number + 1)
        site.capture.book.enter(frame, CAPTURE_HOP, traced=True)
        site.capture.book.leave(frame, CAPTURE_HOP, at=1.0)
        site.motion.book.enter(frame, "motion", traced=True)
        site.motion.book.end(frame, "motion", (Outcome.COMPLETED, None), at=1.0)
    assert site.motion.book.window(0, 1).forgotten > BEGIN + 3600

    async with site.running():
        await site.go(120)

    assert [(audit.result, audit.expected) for audit in site.audits] == [(AuditResult.COMPLETE, 300)] * 3
