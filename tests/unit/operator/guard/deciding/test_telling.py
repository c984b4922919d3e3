"""What the status says of samples: the same thing as long as they say it, though each alone is too small to say anything."""

from __future__ import annotations

import pytest
from frametrace_api.status_tracing import AuditResult, GuardState, LastAudit
from frametrace_operator.guard.audit.finding import Counted
from frametrace_operator.guard.audit.pool import Pool
from frametrace_operator.guard.evidence import MissingFrame
from frametrace_operator.guard.measuring.history import History

from tests.unit.operator.guard.site import NOON, Site, audit

WINDOW, FRAMES, LIMIT = 30, 900, 1.0
UNTIL_DECIDED = 120  # windows of five frames each, none missing, are more than enough


class Sampled:
    """A pipeline in a large fleet, of whose 900 frames a window five are looked up."""

    def __init__(self) -> None:
        self.site, self.told = Site(), list[AuditResult]()
        self._restart()

    def restart(self) -> None:
        """Another operator goes on with the status that stands."""
        self._restart()
        self.site.evidence = self._history.evidence

    def windows(self, number: int, checked: int = 5, missing: int = 0) -> LastAudit:
        """So many more windows pass; what the status says then."""
        for _ in range(number):
            start = int(self.site.now.timestamp())
            self.site.later(WINDOW)
            lost = tuple(MissingFrame(frame.frame_id, frame.hop, frame.cause) for frame in audit(NOON, missing).frames)
            counted = Counted(start, start + WINDOW, FRAMES, checked, lost)
            self._history.audited(self._pool.add(counted, self.site.now, LIMIT))
            self.site.evidence = self._history.evidence
            self.site.settle()
            assert self.site.status is not None
            assert self.site.status.last_audit is not None
            if not self.told or self.told[-1] != self.site.status.last_audit.result:
                self.told.append(self.site.status.last_audit.result)
        assert self.site.status is not None
        assert self.site.status.last_audit is not None
        return self.site.status.last_audit

    def _restart(self) -> None:
        self._pool, self._history = Pool(), History()


@pytest.fixture
def sampled() -> Sampled:
    return Sampled()


def test_what_was_found_complete_stays_so_while_it_is_found_again(sampled: Sampled) -> None:
    sampled.windows(10 * UNTIL_DECIDED)

    assert sampled.told == [AuditResult.INSUFFICIENT_EVIDENCE, AuditResult.COMPLETE]


def test_another_operator_takes_nothing_back_before_it_could_know(sampled: Sampled) -> None:
    sampled.windows(2 * UNTIL_DECIDED)
    sampled.restart()
    sampled.windows(2 * UNTIL_DECIDED)

    assert sampled.told == [AuditResult.INSUFFICIENT_EVIDENCE, AuditResult.COMPLETE]


def test_it_does_not_stand_for_ever(sampled: Sampled) -> None:
    took = 1
    while sampled.windows(1).result is not AuditResult.COMPLETE:
        took += 1
    assert sampled.windows(2 * took, checked=1).result is AuditResult.COMPLETE
    assert sampled.windows(5, checked=1).result is AuditResult.INSUFFICIENT_EVIDENCE


def test_a_frame_that_is_missing_is_told(sampled: Sampled) -> None:
    sampled.windows(2 * UNTIL_DECIDED)

    assert sampled.windows(1, missing=1).frames_missing == 1


def test_suspicion_is_left_though_no_window_alone_says_that_nothing_is_missing(sampled: Sampled) -> None:
    """Of a thousand suspects each has 12 look-ups a window: one verdict takes more windows than are kept."""
    sampled.windows(1, checked=12, missing=1)
    suspect = sampled.site.state
    sampled.windows(UNTIL_DECIDED, checked=12)

    assert (suspect, sampled.site.state) == (GuardState.SUSPECT, GuardState.HEALTHY)
    assert sampled.windows(UNTIL_DECIDED, checked=12).result is AuditResult.COMPLETE
