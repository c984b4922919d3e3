"""What a person does next, by a condition's reason: commands to type, with the pipeline's own names. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

from frametrace_api.conditions import BrokerAvailableReason as Broker
from frametrace_api.conditions import CaptureAvailableReason as Capture
from frametrace_api.conditions import ConditionType as Kind
from frametrace_api.conditions import ReadyReason as Ready
from frametrace_api.conditions import ReconcilingReason as Reconciling
from frametrace_api.conditions import StalledReason as Stalled
from frametrace_api.conditions import TracesFlowingReason as Traces
from frametrace_api.conditions import TracingRolledBackReason as RolledBack
from frametrace_api.conditions import WithinTraceBudgetReason as Budget

from frametrace_operator.guard.words import storage_words

__all__ = ["camera_step", "condition_step", "stage_step"]

_STATUS: Final = "kubectl frametrace status {name} -n {namespace} --watch"
_LOGS: Final = "kubectl frametrace logs {name} -n {namespace}"
_PODS: Final = "kubectl describe pods -n {namespace} -l frametrace.dev/pipeline={name}"
_EDIT: Final = "kubectl edit cpl {name} -n {namespace}"
_REPORT: Final = "kubectl frametrace report {name} -n {namespace}"
_RESUME: Final = "kubectl frametrace resume {name} -n {namespace}"
_SUSPENDED: Final = f"it rests by its owner's wish; to go on: {_RESUME}"
_CREATE: Final = (
    "create the Secret that the message names, with the keys that the spec names; it is picked up by itself"
)
_WAIT: Final = f"wait a little and watch: {_STATUS}"
_CAMERA_LOGS: Final = f"{_LOGS} --camera {{item}}"

_CAMERA: Final[Mapping[str, str]] = {
    Capture.STARTING: _WAIT,
    Capture.UNREACHABLE: f"each try is in: {_CAMERA_LOGS}",
    Capture.UNAUTHORIZED: f"then see it come back: {_STATUS}",
    Capture.SECRET_MISSING: _CREATE,
    Capture.ADDRESS_DENIED: f"to change the address: {_EDIT}",
    Capture.REDIRECTED: f"to change the address: {_EDIT}",
    Capture.NO_STREAM: f"to change them: {_EDIT}; each try is in: {_CAMERA_LOGS}",
    Capture.FROZEN: f"each try is in: {_CAMERA_LOGS}",
    Capture.POD_UNAVAILABLE: f"see why its pod does not run: {_PODS}",
    Capture.SUSPENDED: _SUSPENDED,
    Capture.UNKNOWN: f"see what its pod says: {_CAMERA_LOGS}",
}
_STAGE: Final[Mapping[str, str]] = {
    "Starting": _WAIT,
    "FramesFail": f"see what the handler says: {_LOGS} --stage {{item}}",
    "NotProcessing": f"see what the handler says, and whether it hangs: {_LOGS} --stage {{item}}",
    "Unknown": f"see what its pods say: {_LOGS} --stage {{item}}",
    "Suspended": _SUSPENDED,
    Stalled.IMAGE_UNAVAILABLE: f"put an image that can be pulled into the spec, or give the pull its Secret (podSettings.imagePullSecrets): {_EDIT}",
    Stalled.SECRET_MISSING: _CREATE,
    Stalled.CONFIG_MAP_MISSING: "create the ConfigMap that the message names, with the keys that the spec names",
    Stalled.ROLLOUT_STUCK: f"see why: {_LOGS} --stage {{item}} --previous",
}
_CONDITION: Final[Mapping[tuple[str, str], str]] = {
    (Kind.READY, Ready.PROGRESSING): _WAIT,
    (Kind.READY, Ready.CAMERAS_UNAVAILABLE): "the lines of the cameras say what to do",
    (Kind.READY, Ready.STAGES_UNAVAILABLE): "the lines of the stages say what to do",
    (Kind.READY, Ready.BROKER_UNAVAILABLE): "condition BrokerAvailable says what to do",
    (Kind.READY, Ready.STALLED): "condition Stalled says what to do",
    (Kind.READY, Ready.SUSPENDED): _SUSPENDED,
    (
        Kind.RECONCILING,
        Reconciling.RETRYING,
    ): f"it is tried again by itself; if that lasts, look at the operator's log and at: {_PODS}",
    (Kind.STALLED, Stalled.INVALID_SPEC): f"mend the field that the message names: {_EDIT}",
    (Kind.STALLED, Stalled.SECRET_MISSING): _CREATE,
    (Kind.STALLED, Stalled.CONFIG_MAP_MISSING): _STAGE[Stalled.CONFIG_MAP_MISSING],
    (Kind.STALLED, Stalled.IMAGE_UNAVAILABLE): _STAGE[Stalled.IMAGE_UNAVAILABLE],
    (
        Kind.STALLED,
        Stalled.OWNER_CONFLICT,
    ): "delete or rename the object that the message names, or rename the pipeline",
    (
        Kind.STALLED,
        Stalled.APPLY_REFUSED,
    ): "the message has the API server's reason: raise the quota, change the policy, or mend the field",
    (Kind.STALLED, Stalled.ROLLOUT_STUCK): f"see why its pods do not become ready: {_PODS}",
    (Kind.CAPTURE_AVAILABLE, ""): "the lines of the cameras say what to do",
    (Kind.BROKER_AVAILABLE, Broker.STARTING): _WAIT,
    (Kind.BROKER_AVAILABLE, Broker.UNREACHABLE): f"see how its pod is, if the operator runs it: {_PODS}",
    (Kind.BROKER_AVAILABLE, Broker.UNAUTHORIZED): f"then see it come back: {_STATUS}",
    (Kind.BROKER_AVAILABLE, Broker.SECRET_MISSING): _CREATE,
    (
        Kind.BROKER_AVAILABLE,
        Broker.FULL,
    ): f"the stage that lags is the one with frames waiting; to change the rest: {_EDIT}",
    (Kind.BROKER_AVAILABLE, Broker.POD_UNAVAILABLE): f"see why its pod does not run: {_PODS}",
    (Kind.BROKER_AVAILABLE, Broker.UNKNOWN): f"see what the pods say: {_LOGS}",
    (Kind.TRACES_FLOWING, Traces.MISSING): f"video goes on; what is known: {_REPORT}, and the pods' words: {_LOGS}",
    (Kind.TRACES_FLOWING, Traces.BACKEND_UNAVAILABLE): f"video goes on; see why Jaeger does not answer: {_PODS}",
    (
        Kind.TRACES_FLOWING,
        Traces.STORAGE_TOO_SMALL,
    ): storage_words(),
    (Kind.TRACES_FLOWING, Traces.ROLLED_BACK): f"what was measured: {_REPORT}",
    (Kind.TRACES_FLOWING, Traces.UNKNOWN): f"see what the pods say: {_LOGS}",
    (Kind.TRACING_ROLLED_BACK, RolledBack.TRACES_MISSING): f"what was measured: {_REPORT}",
    (Kind.TRACING_ROLLED_BACK, RolledBack.OVERHEAD): f"what was measured: {_REPORT}",
    (Kind.TRACING_ROLLED_BACK, RolledBack.BACKEND_UNSTABLE): f"what was measured: {_REPORT}",
    (
        Kind.TRACING_ROLLED_BACK,
        RolledBack.REQUESTED,
    ): "to bring it back: kubectl frametrace reenable {name} -n {namespace}",
    (Kind.TRACING_ROLLED_BACK, RolledBack.UNKNOWN): f"what is known: {_REPORT}",
    (
        Kind.TRACING_ROLLED_BACK,
        RolledBack.ALARM,
    ): "video goes on; to take tracing out: kubectl frametrace rollback {name} -n {namespace}",
    (Kind.TRACING_ROLLED_BACK, RolledBack.PROBATION): _WAIT,
    (Kind.WITHIN_TRACE_BUDGET, Budget.OVER_BUDGET): "lower tracing.sampling.ratio, or raise tracing.budget.bytesPerDay",
    (
        Kind.WITHIN_TRACE_BUDGET,
        Budget.SAMPLING_REDUCED,
    ): "raise tracing.budget.bytesPerDay if all frames are to be traced",
}


def condition_step(kind: str, reason: str, *, namespace: str, name: str) -> str:
    """What to do about a condition that is not as it should be; empty if nothing is to be done."""
    step = _CONDITION.get((kind, reason)) or _CONDITION.get((kind, ""), "")
    return step.format(name=name, namespace=namespace)


def _of(steps: Mapping[str, str]) -> Callable[..., str]:
    def step(reason: str, *, namespace: str, name: str, item: str) -> str:
        return steps.get(reason, "").format(name=name, namespace=namespace, item=item)

    return step


camera_step = _of(_CAMERA)
"""What to do about a camera that is not captured, by its reason."""
stage_step = _of(_STAGE)
"""What to do about a stage that does not run, by its reason."""
