"""Metrics by pipeline: its cameras and its pods, as of its last pass, and what the guard knows of its tracing.

Live values come from the evidence, at every scrape; where nothing was measured yet, the coarse ones of the status stand in.
The limits are beside the values, so that alert rules compare each pipeline with its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from frametrace_api.status import CameraPipelineStatus
from frametrace_api.status_tracing import AuditResult, LastRollback
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from frametrace_operator.guard.evidence import AuditFinding, Evidence
from frametrace_operator.keys import PipelineKey
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.pipeline_samples import Sample, Samples, coarse, of_pass, of_ready

__all__ = ["PipelineMetrics"]

_PREFIX: Final = "frametrace_"
_LABELS: Final = ("namespace", "pipeline")
_MEANINGS: Final = {
    "pipeline_ready": "1 if the condition Ready is True, 0 if not, by its reason; nothing of a pipeline that is suspended.",
    "pipeline_broker_available": "1 if the condition BrokerAvailable is True, 0 if it is False; nothing while it is Unknown.",
    "pipeline_unavailable_stages": "Stages that are Unavailable or Unknown, by the status.",
    "pipeline_lag_limit_seconds": "Frames that wait for a stage for longer are behind: half of broker.retention.frameSeconds, 30 at most.",
    "pipeline_queue_limit_frames": "Most frames that may wait for one camera and stage: broker.retention.maxFrames, or what is derived for it.",
    "pipeline_external_jaeger": "1 for the Jaeger of its owner's, by its host, that a pipeline's traces are in; nothing of a managed one.",
    "pipeline_cameras": "Cameras of the pipeline, by state.",
    "pipeline_unreadable_pods": "Pods of captures and stages that run and give no ledger: the operator cannot tell what they do.",
    "guard_state": "1 for the state that the guard is in, 0 for the others.",
    "guard_alarm": "1 while a trigger lasts for guard.failureWindows, 0 otherwise.",
    "guard_effective_ratio": "Share of frames that is traced now, after rollback, probation and budget.",
    "guard_complete_ratio": "Share of the frames looked up, without unknown ones, whose trace is complete, at the last audit that could tell.",
    "guard_missing_ratio": "Share of ended traced frames whose trace is missing, at least (99 % interval), at the last audit that could tell.",
    "guard_missing_limit_ratio": "guard.maxMissingPercent as a ratio.",
    "guard_audit_frames": "Frames of the last audit: expected, checked, missing, unknown.",
    "guard_audit_timestamp_seconds": "When the last audit was made, in seconds since 1970.",
    "guard_unknown_windows": "Windows in a row, up to the last audit, of which nobody could tell whether traces are missing; 20 at most.",
    "guard_overhead_ratio": "CPU that tracing costs, as a ratio to the pods' CPU without it, in the last window.",
    "guard_overhead_limit_ratio": "guard.maxOverheadPercent as a ratio.",
    "guard_projected_bytes_per_day": "Bytes of traces a day at the present rate and ratio.",
    "guard_budget_bytes_per_day": "tracing.budget.bytesPerDay.",
    "guard_backend_failed_probes": "Probes of the trace backend in a row that failed.",
    "guard_backend_failed_spans_ratio": "Share of exported spans that the backend refused or failed, in the last window.",
    "guard_backend_restarts": "Restarts of the managed Jaeger in the last 5 minutes.",
    "guard_last_rollback_timestamp_seconds": "When the last rollback was decided, in seconds since 1970, by trigger.",
}
_MORE_LABELS: Final = {
    "pipeline_ready": ("reason",),
    "pipeline_external_jaeger": ("backend",),
    "pipeline_cameras": ("state",),
    "guard_state": ("state",),
    "guard_alarm": ("trigger",),
    "guard_audit_frames": ("result",),
    "guard_last_rollback_timestamp_seconds": ("trigger",),
}
_TELLING: Final = (AuditResult.COMPLETE, AuditResult.MISSING)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last pass left, in numbers: whole resources of a thousand pipelines would take more memory than all the rest.

    Attributes:
        samples: of the pipeline, its status and its limits.
        coarse: values of the status that stand in for measured ones.
        rollback: name of the last one.
    """

    samples: tuple[Sample, ...] = ()
    coarse: tuple[Sample, ...] = ()
    rollback: str | None = None


_NOTHING: Final = _Known()


class PipelineMetrics(Collector):
    """Gauges by pipeline, made at every scrape from what is known then, so that a pipeline that is gone leaves none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._known: dict[PipelineKey, _Known] = {}
        self._evidence: Callable[[PipelineKey], Evidence] = lambda _key: Evidence()
        self._rollbacks = Counter(
            f"{_PREFIX}guard_rollbacks",
            "Rollbacks of tracing that began while this process led, by trigger.",
            (*_LABELS, "trigger"),
            registry=registry,
        )
        registry.register(self)

    def watch(self, evidence: Callable[[PipelineKey], Evidence]) -> None:
        """Say where what was measured is looked up, at every scrape."""
        self._evidence = evidence

    def saw(self, pipeline: Pipeline, status: CameraPipelineStatus, unreadable: int) -> None:
        """A pass over a pipeline ended so; `unreadable` pods gave no ledger."""
        key = PipelineKey(pipeline.namespace, pipeline.name)
        before = self._known.get(key)
        last = _last_rollback(status)
        samples = tuple(of_pass(pipeline, status, unreadable))
        self._known[key] = _Known(samples, tuple(coarse(status.tracing)), last.id if last is not None else None)
        if last is not None and before is not None and before.rollback != last.id:
            self._rollbacks.labels(*key, last.trigger.value).inc()

    def refused(self, key: PipelineKey, status: CameraPipelineStatus) -> None:
        """The spec of a pipeline cannot be carried out: nobody looks at its pods, and its tracing is measured as before."""
        before = self._known.get(key, _NOTHING)
        guard = (sample for sample in before.samples if sample[0].startswith("guard_"))
        last = _last_rollback(status)
        rollback = last.id if last is not None else None
        self._known[key] = replace(before, samples=(*of_ready(status), *guard), rollback=rollback)

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._known.pop(key, None)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The families without samples: what there can be."""
        for name, meaning in _MEANINGS.items():
            yield GaugeMetricFamily(_PREFIX + name, meaning, labels=(*_LABELS, *_MORE_LABELS.get(name, ())))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families with every pipeline's samples."""
        families = {family.name.removeprefix(_PREFIX): family for family in self.describe()}
        for key, known in list(self._known.items()):
            for name, labels, value in _samples(known, self._evidence(key)):
                families[name].add_metric((*key, *labels), value)
        yield from families.values()


def _last_rollback(status: CameraPipelineStatus) -> LastRollback | None:
    return status.tracing.last_rollback if status.tracing is not None else None


def _samples(known: _Known, evidence: Evidence) -> Samples:
    yield from known.samples
    measured = {name: (name, labels, value) for name, labels, value in known.coarse}
    audits = tuple(_of_audits(evidence))
    measured |= {sample[0]: sample for sample in (*audits, *_of_costs(evidence)) if not sample[1]}
    yield from measured.values()
    yield from (sample for sample in audits if sample[1])


def _of_audits(evidence: Evidence) -> Samples:
    audits = evidence.audits
    telling = next((each for each in reversed(audits) if each.result in _TELLING and each.checked > each.unknown), None)
    if telling is not None:
        yield "guard_complete_ratio", (), 1 - telling.missing / (telling.checked - telling.unknown)
        yield "guard_missing_ratio", (), telling.low / 100
    if audits:
        unknown = takewhile(lambda audit: audit.result is AuditResult.UNKNOWN, reversed(audits))
        yield "guard_unknown_windows", (), float(sum(1 for _ in unknown))
        yield from _of_audit(audits[-1])


def _of_audit(audit: AuditFinding) -> Samples:
    yield "guard_audit_timestamp_seconds", (), audit.at.timestamp()
    yield "guard_audit_frames", ("expected",), float(audit.expected)
    yield "guard_audit_frames", ("checked",), float(audit.checked)
    yield "guard_audit_frames", ("missing",), float(audit.missing)
    yield "guard_audit_frames", ("unknown",), float(audit.unknown)


def _of_costs(evidence: Evidence) -> Samples:
    if evidence.overheads:
        yield "guard_overhead_ratio", (), evidence.overheads[-1].percent / 100
    if evidence.projection is not None:
        yield "guard_projected_bytes_per_day", (), evidence.projection.bytes_per_day
    if evidence.backends:
        backend = evidence.backends[-1]
        yield "guard_backend_failed_probes", (), float(backend.failed_probes)
        yield "guard_backend_failed_spans_ratio", (), backend.failed_spans / backend.spans if backend.spans else 0.0
        yield "guard_backend_restarts", (), float(backend.restarts)
