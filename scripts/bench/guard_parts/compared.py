"""What a finding says against what the proxy really lost."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from frametrace_api.status_tracing import AuditMethod
from frametrace_operator.guard.evidence import AuditFinding

from scripts.servers.lossy_otlp import LossyOtlp, Truth

__all__ = ["Compared", "compare", "refuted"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One window.

    Attributes:
        difference: frames by which it is wrong, where it claims to be exact: named or counted though whole, or the other way.
        in_flight: frames that had not ended when the window was taken, of which it therefore says nothing.
        covered: whether the interval holds the truth, or what it can be of the frames that had ended.
    """

    finding: AuditFinding
    truth: Truth
    difference: int
    in_flight: int
    covered: bool

    @property
    def exact(self) -> bool:
        """Whether it claims to be exact."""
        return self.finding.method is AuditMethod.EXACT

    def as_line(self) -> str:
        """One line for people."""
        found, truth = self.finding, self.truth
        return (
            f"{found.window_start:%H:%M:%S} {found.method}: {found.missing} of {found.checked} missing, interval"
            f" {found.low:.3f} to {found.high:.3f} %, {found.unknown} unknown, {found.expected} expected; truth:"
            f" {len(truth.lost)} of {truth.seen}, {found.result} {found.cause or ''} {found.reason}"
        )


def compare(finding: AuditFinding, proxy: LossyOtlp) -> Compared:
    """Compare a finding with what was lost in its window."""
    truth = proxy.truth(finding.window_start.timestamp(), finding.window_end.timestamp())
    named = {frame.frame_id for frame in finding.frames}
    in_flight = max(0, truth.seen - finding.expected)
    wrong = len(named - truth.lost) + max(0, finding.expected - truth.seen) + finding.unknown
    if finding.missing == len(finding.frames):
        wrong += max(0, len(truth.lost - named) - in_flight)
    counts = max(0, finding.missing - len(truth.lost), len(truth.lost) - finding.missing - in_flight)
    return Compared(finding, truth, max(wrong, counts), in_flight, _covered(finding, truth, in_flight))


def _covered(finding: AuditFinding, truth: Truth, in_flight: int) -> bool:
    ended = max(1, truth.seen - in_flight)
    least, most = (100.0 * min(ended, max(0, lost)) / ended for lost in (len(truth.lost) - in_flight, len(truth.lost)))
    return finding.low - 1e-9 <= most and least <= finding.high + 1e-9


def refuted(windows: int, uncovered: int, doubt: float = 0.01) -> bool:
    """Whether so many uncovered windows refute, at 1 %, that each is covered with a chance of 99 %."""
    chance = sum(comb(windows, n) * doubt**n * (1 - doubt) ** (windows - n) for n in range(uncovered, windows + 1))
    return chance < doubt
