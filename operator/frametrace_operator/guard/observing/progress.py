"""Progress: how far pods and storage are with what the guard wanted last, read off one look at the cluster. Pure."""

from collections.abc import Iterator

from frame_tracking import TracingNow
from frametrace_api.backend import Storage
from frametrace_api.status_tracing import LastRollback, PurgeState

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.acting.rollout import is_stuck
from frametrace_operator.guard.plan import Progress
from frametrace_operator.naming import Role, report_name
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.pipeline import Pipeline

__all__ = ["progress"]

_OFF = (TracingNow.OFF, TracingNow.DISABLED)


def progress(
    pipeline: Pipeline,
    last: LastRollback | None,
    seen: Observation,
    *,
    instrumented: bool,
    hook: PurgeState = PurgeState.NOT_ASKED,
) -> Progress:
    """How far everything is.

    Args:
        pipeline: whose pods they are.
        last: the last rollback, as the status has it.
        seen: the look.
        instrumented: what the last plan wanted of the pods; what keeps them from it makes them `stuck`.
        hook: how the owner's own means of purging stands, where there is one.
    """
    facts = Facts(pipeline, seen)
    out, back = tuple(_behind(facts, disabled=True)), tuple(_behind(facts, disabled=False))
    behind = back if instrumented else out
    return Progress(
        live_off=all(_is_off(facts, pod) for pod in _runtime_pods(facts) if pod.running),
        uninstrumented=not out,
        instrumented=not back,
        purge=_purge(facts, last, hook),
        report_kept=last is not None and _kept(facts, last),
        stuck=next(_obstacles(facts, disabled=not instrumented), "") if behind else "",
        behind=behind,
        ordered=last is not None and _is_ordered(facts, last),
    )


def _is_off(facts: Facts, pod: PodView) -> bool:
    """Whether a pod's tracing is off. One that is neither ready nor answers has no process that could trace."""
    says = facts.seen.flow.tracing.get(pod.uid)
    if says is not None:
        return says in _OFF
    return pod.sdk_disabled is True or not pod.ready


def _behind(facts: Facts, *, disabled: bool) -> Iterator[str]:
    """Workloads whose Deployment says otherwise, have no pod that runs, or a pod left that is otherwise; the spec's order."""
    odd = {(pod.role, pod.item) for pod in _runtime_pods(facts) if pod.sdk_disabled is not disabled}
    for role, item, state in _workloads(facts):
        is_so = (
            state is not None and state.sdk_disabled is disabled and state.replaced and _runs(facts, role, item, state)
        )
        if not is_so or (role.value, item) in odd:
            yield f"{role} {item}"
    known = {(role.value, item) for role, item, _ in _workloads(facts)}
    yield from (f"{role} {item}" for role, item in sorted(odd - known))


def _runs(facts: Facts, role: Role, item: str, state: Workload) -> bool:
    return not state.replicas or any(pod.running for pod in facts.pods(role, item))


def _workloads(facts: Facts) -> Iterator[tuple[Role, str, Workload | None]]:
    for stage in facts.pipeline.spec.stages:
        yield Role.STAGE, stage.name, facts.workload(Role.STAGE, stage.name)
    for camera in facts.pipeline.spec.cameras:
        yield Role.CAPTURE, camera.id, facts.workload(Role.CAPTURE, camera.id)


def _runtime_pods(facts: Facts) -> Iterator[PodView]:
    """Pods of captures and stages that are not over yet, those that are being ended included."""
    return (pod for pod in facts.seen.pods if pod.role in (Role.CAPTURE, Role.STAGE) and not pod.ended)


def _obstacles(facts: Facts, *, disabled: bool) -> Iterator[str]:
    """What keeps Deployments from changing, the pod's own reason first."""
    for role, item, state in _workloads(facts):
        if state is None or (state.replaced and state.sdk_disabled is disabled and _runs(facts, role, item, state)):
            continue
        trouble = facts.trouble(role, item)
        if trouble is not None:
            yield f"{role} {item}: {trouble.message}"
        elif state.sdk_disabled is disabled and is_stuck(facts, role, item, state):
            yield f"{role} {item}: {state.updated} of {state.replicas} pods are replaced, and no more for 30 s"


def _purge(facts: Facts, last: LastRollback | None, hook: PurgeState) -> PurgeState:
    if last is None or last.purge is PurgeState.NOT_ASKED:
        return PurgeState.NOT_ASKED
    if facts.pipeline.spec.tracing.backend.external is not None:
        return hook
    state = facts.workload(Role.JAEGER)
    if state is None or not _is_ordered(facts, last) or not state.replaced:
        return PurgeState.PENDING
    if _on_volume(facts.pipeline) and not any(pod.running for pod in facts.pods(Role.JAEGER)):
        return PurgeState.FAILED if facts.trouble(Role.JAEGER) else PurgeState.PENDING
    return PurgeState.DONE


def _is_ordered(facts: Facts, last: LastRollback) -> bool:
    state = facts.workload(Role.JAEGER)
    return state is not None and state.purge_generation >= (last.purge_generation or 0)


def _on_volume(pipeline: Pipeline) -> bool:
    managed = pipeline.spec.tracing.backend.managed
    return managed is not None and managed.storage is Storage.BADGER


def _kept(facts: Facts, last: LastRollback) -> bool:
    return ("v1", "ConfigMap", report_name(facts.pipeline, last.id)) in facts.seen.live
