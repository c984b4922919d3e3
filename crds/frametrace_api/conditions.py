"""The conditions of a pipeline, and the reasons that each may give. Names and their meaning only; must not decide which holds."""

from enum import StrEnum
from typing import Self

__all__ = [
    "REASONS",
    "BrokerAvailableReason",
    "CaptureAvailableReason",
    "ConditionType",
    "ReadyReason",
    "ReconcilingReason",
    "StalledReason",
    "TracesFlowingReason",
    "TracingRolledBackReason",
    "WithinTraceBudgetReason",
]


class _Documented(StrEnum):
    """A name as it stands in the status, with the sentence that explains it."""

    explanation: str

    def __new__(cls, name: str, explanation: str) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.explanation = explanation
        return member


class ConditionType(_Documented):
    """Conditions, in the order in which they are shown."""

    READY = (
        "Ready",
        "Frames of every camera reach every leaf. The summary: wait for this one. Missing traces do not make it false.",
    )
    RECONCILING = "Reconciling", "The operator is bringing the pods to what the spec says."
    STALLED = (
        "Stalled",
        "A person must change something; the message says what. Frames may flow all the same: Ready says so.",
    )
    CAPTURE_AVAILABLE = "CaptureAvailable", "Every camera is captured."
    BROKER_AVAILABLE = "BrokerAvailable", "The broker takes and gives frames."
    TRACES_FLOWING = "TracesFlowing", "Captured frames have complete traces in Jaeger."
    TRACING_ROLLED_BACK = "TracingRolledBack", "Tracing was taken out of the pods, by the guard or by a person."
    WITHIN_TRACE_BUDGET = "WithinTraceBudget", "The projected bytes of traces a day are within tracing.budget."


class ReadyReason(_Documented):
    """Why Ready is what it is."""

    FRAMES_FLOWING = "FramesFlowing", "Frames of every camera reach every leaf."
    PROGRESSING = "Progressing", "Pods are being started or replaced."
    CAMERAS_UNAVAILABLE = "CamerasUnavailable", "At least one camera is not captured; the message names them."
    STAGES_UNAVAILABLE = (
        "StagesUnavailable",
        "At least one stage has no ready pod or does not get on; the message names them.",
    )
    BROKER_UNAVAILABLE = "BrokerUnavailable", "The broker takes or gives no frames."
    STALLED = "Stalled", "Frames wait until a person changes something; condition Stalled says what."
    SUSPENDED = "Suspended", "spec.mode is Suspended, or the annotation frametrace.dev/suspend is there."


class ReconcilingReason(_Documented):
    """Why the operator is at work, or is not."""

    UP_TO_DATE = "UpToDate", "Everything is as the spec says."
    APPLYING = "Applying", "The pipeline's objects are being written."
    ROLLING_OUT = "RollingOut", "Pods are being started or replaced."
    DRAINING = "Draining", "Frames in flight are handled before the pods go."
    CHANGING_TRACING = "ChangingTracing", "Tracing is being taken out of the pods, or brought back."
    RETRYING = "Retrying", "The API server or a part did not answer; tried again with growing waits."


class StalledReason(_Documented):
    """What a person must change."""

    NOT_STALLED = "NotStalled", "Nothing stands in the way."
    INVALID_SPEC = "InvalidSpec", "The spec cannot be carried out; the message names the field."
    SECRET_MISSING = "SecretMissing", "A Secret or a key of one that the spec names does not exist."
    CONFIG_MAP_MISSING = "ConfigMapMissing", "A ConfigMap or a key of one that the spec names does not exist."
    IMAGE_UNAVAILABLE = "ImageUnavailable", "An image cannot be pulled; the message names it."
    OWNER_CONFLICT = "OwnerConflict", "An object of the name that the operator needs belongs to somebody else."
    APPLY_REFUSED = "ApplyRefused", "The API server refused an object: quota, admission policy or an invalid field."
    ROLLOUT_STUCK = "RolloutStuck", "New pods do not become ready; the message has the pods' own reason."


class CaptureAvailableReason(_Documented):
    """How capture stands; also the reasons of single cameras."""

    CAPTURING = "Capturing", "Frames arrive."
    STARTING = "Starting", "The capture pod is being started, or has not seen a frame yet."
    UNREACHABLE = "Unreachable", "No connection to the camera, or its name does not resolve."
    UNAUTHORIZED = "Unauthorized", "The camera refused the user name or password."
    SECRET_MISSING = "SecretMissing", "The Secret with the camera's credentials, or a key of it, does not exist."
    ADDRESS_DENIED = "AddressDenied", "The camera's address is outside the networks that the cluster's owner allows."
    REDIRECTED = "Redirected", "The camera sent the client to another address; redirects are never followed."
    NO_STREAM = "NoStream", "The camera answered, but has no such video stream, or not one that can be decoded."
    FROZEN = "Frozen", "The connection stands, but no new picture came."
    POD_UNAVAILABLE = "PodUnavailable", "The capture pod does not run; the message has its reason."
    SUSPENDED = "Suspended", "spec.mode is Suspended, or the annotation frametrace.dev/suspend is there."
    UNKNOWN = "Unknown", "The capture pod does not answer the operator."


class BrokerAvailableReason(_Documented):
    """How the broker stands."""

    AVAILABLE = "Available", "The broker takes and gives frames."
    STARTING = "Starting", "The broker is being started."
    UNREACHABLE = "Unreachable", "No connection to the broker."
    UNAUTHORIZED = "Unauthorized", "The broker refused the credentials or its certificate did not pass."
    SECRET_MISSING = "SecretMissing", "The Secret with the broker's URL, or a key of it, does not exist."
    FULL = "Full", "The broker refuses frames: memory or queue limit reached."
    POD_UNAVAILABLE = "PodUnavailable", "The operator-run broker's pod does not run; the message has its reason."
    SUSPENDED = "Suspended", "spec.mode is Suspended, or the annotation frametrace.dev/suspend is there."
    UNKNOWN = "Unknown", "No pod that could tell answers the operator."


class TracesFlowingReason(_Documented):
    """How complete traces are."""

    EXPORTED = "SpansExported", "The pods export all spans that they make; what Jaeger can return was not compared yet."
    COMPLETE = "Complete", "No more traces are missing than tracing.guard.maxMissingPercent allows."
    MISSING = "TracesMissing", "Traces are missing or incomplete; the message names hop and cause."
    INSUFFICIENT_EVIDENCE = "InsufficientEvidence", "Too few frames ended to tell; windows are pooled."
    STARTING = "Starting", "Nothing has been measured yet."
    BACKEND_UNAVAILABLE = "BackendUnavailable", "Jaeger does not answer, so nothing is known of the traces."
    STORAGE_TOO_SMALL = (
        "StorageTooSmall",
        "Jaeger gave traces up before they were measured; make the storage larger or trace less.",
    )
    NOTHING_SAMPLED = "NothingSampled", "The ratio is 0."
    DISABLED = "TracingDisabled", "tracing.mode is Disabled."
    ROLLED_BACK = "TracingRolledBack", "Tracing is rolled back; condition TracingRolledBack says why."
    SUSPENDED = "Suspended", "spec.mode is Suspended, or the annotation frametrace.dev/suspend is there."
    UNKNOWN = "Unknown", "Pods were replaced or do not answer, so nothing is known of this window."


class TracingRolledBackReason(_Documented):
    """Why tracing is out, or is not."""

    NOT_ROLLED_BACK = "NotRolledBack", "Tracing is in."
    TRACES_MISSING = "TracesMissing", "More traces were missing than tracing.guard.maxMissingPercent allows."
    OVERHEAD = "OverheadTooHigh", "Tracing cost more CPU than tracing.guard.maxOverheadPercent allows."
    BACKEND_UNSTABLE = "BackendUnstable", "Jaeger failed its probes, refused spans or restarted repeatedly."
    REQUESTED = "Requested", "A person asked for it by the annotation frametrace.dev/rollback-tracing."
    UNKNOWN = "Unknown", "The status was lost, and the pods were found without tracing."
    ALARM = "Alarm", "Tracing is in, though the guard would take it out: tracing.guard.rollback is AlarmOnly."
    PROBATION = "Probation", "Tracing is coming back, step by step."


class WithinTraceBudgetReason(_Documented):
    """How traces stand to their budget."""

    WITHIN_BUDGET = "WithinBudget", "The projection is within the budget."
    OVER_BUDGET = "OverBudget", "The projection passes the budget."
    SAMPLING_REDUCED = "SamplingReduced", "The ratio was lowered so that the projection fits."
    NO_PROJECTION = "NoProjection", "Nothing has been measured yet."
    DISABLED = "TracingDisabled", "No traces are made."


REASONS: dict[ConditionType, type[_Documented]] = {
    ConditionType.READY: ReadyReason,
    ConditionType.RECONCILING: ReconcilingReason,
    ConditionType.STALLED: StalledReason,
    ConditionType.CAPTURE_AVAILABLE: CaptureAvailableReason,
    ConditionType.BROKER_AVAILABLE: BrokerAvailableReason,
    ConditionType.TRACES_FLOWING: TracesFlowingReason,
    ConditionType.TRACING_ROLLED_BACK: TracingRolledBackReason,
    ConditionType.WITHIN_TRACE_BUDGET: WithinTraceBudgetReason,
}
"""The reasons of each condition, with their sentences in `explanation`."""
