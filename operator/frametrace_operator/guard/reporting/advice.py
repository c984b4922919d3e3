"""What probably made a rollback necessary, and what a person looks at next, in words. Pure."""

from typing import Final

from frametrace_api.status_tracing import LastRollback, RollbackTrigger, TracingStatus

from frametrace_operator.guard.evidence import AuditFinding, Cause, Evidence

__all__ = ["advice", "likely_cause"]

_CAUSES: Final = {
    Cause.BUFFER_FULL: "the pods made spans faster than they could be exported, and their buffers ran over",
    Cause.EXPORT_FAILED: "the pods could not hand their spans to Jaeger: no connection, or no answer in time",
    Cause.BACKEND_REFUSED: "Jaeger refused spans",
    Cause.LOST_ON_THE_WAY: "Jaeger acknowledged spans, or something between the pods and Jaeger did, and they are not stored",
    Cause.CONTEXT_LOST: "frames lost their trace context between two hops",
    Cause.NOT_FOUND: "the pods exported the spans, and Jaeger does not find them",
}
_PODS: Final = "the pods' own words: kubectl frametrace logs {name} -n {namespace}"
_JAEGER: Final = "Jaeger's pod and its log: kubectl get pods -n {namespace} -l frametrace.dev/role=jaeger"
_ROOM: Final = "its memory limit and the size of its storage: spec.tracing.backend.managed.size"
_SIZE: Final = "the size and retention of the storage: spec.tracing.backend, spec.tracing.retention"
_CHECKS: Final = {
    Cause.BUFFER_FULL: (
        "whether Jaeger is slow (its CPU and memory limits), or the ratio too high for it: spec.tracing.sampling.ratio",
        _JAEGER,
        _PODS,
    ),
    Cause.EXPORT_FAILED: (
        "the way from the pods to the OTLP endpoint: DNS, NetworkPolicies, TLS, proxies",
        _JAEGER,
        _PODS,
    ),
    Cause.BACKEND_REFUSED: (
        "Jaeger's limits: memory, size of its storage, rate limits of a gateway before it",
        _JAEGER,
    ),
    Cause.LOST_ON_THE_WAY: (
        "collectors, gateways and proxies between the pods and Jaeger: sampling, queues and drops there",
        _JAEGER,
    ),
    Cause.CONTEXT_LOST: ("whether a stage's own code, or a broker policy, takes headers away", _PODS),
    Cause.NOT_FOUND: (_SIZE, _JAEGER),
}
_OF_EXTERNAL: Final = {
    _JAEGER: "your Jaeger's own log and metrics (spec.tracing.backend.external), and those of what stands before it",
    _ROOM: "its memory limit, and the size of its storage",
    _SIZE: "the size of its storage, and how long it keeps traces: spec.tracing.retention.traceSeconds says what the guard counts on",
}
"""What is said instead of a Jaeger that the operator does not run."""
_ALWAYS: Final = (
    "how it goes on: kubectl frametrace status {name} -n {namespace}",
    "to bring tracing back at once: kubectl frametrace reenable {name} -n {namespace}",
)


def likely_cause(last: LastRollback, status: TracingStatus, evidence: Evidence) -> str:
    """Why it came to that, in a sentence or two."""
    if last.trigger is RollbackTrigger.TRACES_MISSING:
        return _missing(status, evidence)
    if last.trigger is RollbackTrigger.OVERHEAD:
        return _overhead(evidence)
    if last.trigger is RollbackTrigger.BACKEND_UNSTABLE:
        return _backend(evidence)
    if last.trigger is RollbackTrigger.REQUESTED:
        return "a person asked for it"
    return "not known: the status that said so was lost"


def advice(last: LastRollback, status: TracingStatus, evidence: Evidence, *, external: bool) -> tuple[str, ...]:
    """What to look at, the most telling first; {name} and {namespace} are the pipeline's. An `external` Jaeger has no pod of ours."""
    lines = (*_telling(last, status, evidence), *_ALWAYS)
    return tuple(_OF_EXTERNAL.get(line, line) for line in lines) if external else lines


def _telling(last: LastRollback, status: TracingStatus, evidence: Evidence) -> tuple[str, ...]:
    if last.trigger is RollbackTrigger.TRACES_MISSING:
        return _CHECKS[_cause(status, evidence) or Cause.NOT_FOUND]
    if last.trigger is RollbackTrigger.OVERHEAD:
        return (
            "how many spans a frame the handlers open: every one costs CPU; kubectl frametrace journey shows them",
            "a lower ratio: spec.tracing.sampling.ratio",
        )
    if last.trigger is RollbackTrigger.BACKEND_UNSTABLE:
        return (_JAEGER, _ROOM)
    return ()


def _bad(evidence: Evidence) -> AuditFinding | None:
    return next((audit for audit in reversed(evidence.audits) if audit.missing), None)


def _cause(status: TracingStatus, evidence: Evidence) -> Cause | None:
    bad = _bad(evidence)
    if bad is not None:
        return bad.cause
    told = status.last_audit.cause if status.last_audit is not None else None
    return Cause(told) if told in list(Cause) else None


def _missing(status: TracingStatus, evidence: Evidence) -> str:
    bad, cause = _bad(evidence), _cause(status, evidence)
    why = _CAUSES[cause] if cause is not None else "no cause was found"
    if bad is None:
        return why
    share = f"{bad.low:.2f} %" if bad.low == bad.high else f"between {bad.low:.2f} and {bad.high:.2f} %"
    where = f", most of them at {bad.hop}" if bad.hop else ""
    return f"{share} of the traces were missing or incomplete{where}: {why}"


def _overhead(evidence: Evidence) -> str:
    if not evidence.overheads:
        return "tracing took more CPU than is allowed"
    worst = evidence.overheads[-1]
    return f"tracing took {worst.percent:.1f} % of the pods' CPU, {worst.cores:.2f} cores, in {worst.seconds:.0f} s"


def _backend(evidence: Evidence) -> str:
    if not evidence.backends:
        return "Jaeger did not work reliably"
    now = evidence.backends[-1]
    told = [
        f"{now.failed_probes} probes in a row failed ({now.probe_error or 'no answer'})" if now.failed_probes else "",
        f"{now.failed_spans} of {now.spans} spans were refused or failed" if now.failed_spans else "",
        f"it was restarted {now.restarts} times in 5 minutes" if now.restarts else "",
    ]
    return "; ".join(filter(None, told)) or "Jaeger did not work reliably"
