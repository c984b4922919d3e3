"""Facts: an observation of a pipeline, with the questions that every part of the assessment asks. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from frametrace_api.conditions import StalledReason
from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import TracingStatus

from frametrace_operator.crashloop import CRASH_LOOP
from frametrace_operator.guard.plan import Progress
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.outcome import Outcome
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.plan import Plan

__all__ = ["Facts", "Trouble", "listed"]

_IMAGE: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
    }
)
_CONFIG: Final = frozenset({"CreateContainerConfigError"})
_OVERDUE: Final = "ProgressDeadlineExceeded"
_NEEDS_A_PERSON: Final = frozenset({CRASH_LOOP, "CreateContainerError", "RunContainerError", _OVERDUE, "FailedCreate"})
_NEEDED: Final = frozenset(role.value for role in Role if role is not Role.PAGE)
_MOST_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a pod of a workload, or with all of them; `stalled` if that will not pass by itself."""

    message: str
    stalled: StalledReason | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one pipeline now.

    Attributes:
        pipeline: what its owner asks for.
        seen: what was seen of it.
        plan: what was to be written.
        outcome: what became of that.
        tracing: what the guard decided; None where it was not asked.
        progress: how far pods and storage are with it.
    """

    pipeline: Pipeline
    seen: Observation
    plan: Plan = field(default_factory=Plan)
    outcome: Outcome = field(default_factory=Outcome)
    tracing: TracingStatus | None = None
    progress: Progress = field(default_factory=Progress)

    @property
    def suspended(self) -> bool:
        """Whether its owner wants it to rest."""
        return self.pipeline.spec.mode is PipelineMode.SUSPENDED

    def workload(self, role: Role, item: str = "") -> Workload | None:
        """The Deployment of a role; None if there is none yet."""
        return self.seen.workloads.get((role.value, item))

    @property
    def needed(self) -> tuple[tuple[Role, str], ...]:
        """The Deployments that frames or their traces need, as (role, item). The journey page is only looked at.

        One that stands under the name of ours and is somebody else's has a role of theirs, or none.
        """
        return tuple((Role(role), item) for role, item in self.seen.workloads if role in _NEEDED)

    def pods(self, role: Role, item: str = "") -> tuple[PodView, ...]:
        """The pods of a role."""
        return tuple(pod for pod in self.seen.pods if (pod.role, pod.item) == (role.value, item))

    def any_pod(self, role: Role, item: str) -> bool:
        """Whether a pod of the role is there, in whatever state; one on a lost node is not counted."""
        return any(not pod.ended and not pod.is_lost(self.seen.now) for pod in self.pods(role, item))

    def ready(self, role: Role, item: str = "") -> bool:
        """Whether a pod of the role is ready."""
        return any(pod.ready for pod in self.pods(role, item))

    def count_ready(self, role: Role, item: str = "") -> int:
        """How many pods of the role are ready and stay: known from them before their Deployment counts them."""
        return sum(pod.ready and pod.running for pod in self.pods(role, item))

    def rolled_out(self, role: Role, item: str = "") -> bool:
        """Whether all pods of the role are of its present template, and ready; its Deployment may not have counted them yet."""
        state = self.workload(role, item)
        if state is None or state.settled:
            return state is not None
        pods = [pod for pod in self.pods(role, item) if not pod.ended]
        present = state.replaced or all(_made_since(state.original, pod) for pod in pods)
        return present and len(pods) == self.count_ready(role, item) == state.replicas

    def steady(self, role: Role, item: str = "") -> bool:
        """Whether a pod of the role is ready, and not only until it ends once more."""
        return any(pod.ready and not self._loops(pod) for pod in self.pods(role, item))

    def keeps_frames(self, role: Role, item: str = "") -> bool:
        """Whether frames wait for a pod of the role: video never depends on Jaeger, and one pod of several is enough."""
        return role is not Role.JAEGER and not self.ready(role, item)

    def runs(self, role: Role, item: str = "") -> bool:
        """Whether a pod of the role runs, ready or not, and is not about to end once more."""
        return any(pod.running and not self._trouble(pod) for pod in self.pods(role, item))

    def unreadable(self, role: Role, item: str) -> str:
        """Why no pod of the role tells anything; empty if one does. One that is not ready yet has its time to begin."""
        state = self.workload(role, item)
        overdue = state is not None and state.trouble == _OVERDUE
        pods = [pod for pod in self.pods(role, item) if pod.running and (pod.ready or overdue)]
        reasons = [self.seen.flow.unreadable.get(pod.uid) for pod in pods]
        told = [reason for reason in reasons if reason]
        return told[0] if told and len(told) == len(reasons) else ""

    def trouble(self, role: Role, item: str = "") -> Trouble | None:
        """What keeps the role's pods from running, as far as Kubernetes says.

        A capture that runs is not ready without pictures, so its Deployment is overdue whenever the camera is away.
        """
        pod = next((pod for pod in self.pods(role, item) if self._trouble(pod)), None)
        if pod is not None:
            return Trouble(self._told(pod), _meaning(self._trouble(pod), pod.message))
        state = self.workload(role, item)
        if state is None or not state.trouble:
            return None
        if state.trouble == _OVERDUE and role is Role.CAPTURE and self.runs(role, item):
            return None
        return Trouble(f"{state.trouble}{_colon(state.message)}", _meaning(state.trouble, state.message))

    def _loops(self, pod: PodView) -> bool:
        return pod.loops_until is not None and self.seen.now < pod.loops_until

    def _trouble(self, pod: PodView) -> str:
        return pod.trouble or (CRASH_LOOP if self._loops(pod) else "")

    def _told(self, pod: PodView) -> str:
        trouble = self._trouble(pod)
        why = f"pod {pod.name}: {trouble}{_colon(pod.message)}"
        if trouble != CRASH_LOOP:
            return why
        return f"{why}; see: kubectl logs {pod.name} -n {self.pipeline.namespace} --previous"


def listed(parts: Iterable[str]) -> str:
    """The first few of some texts as one, and how many more there are."""
    texts = list(parts)
    more = f" (and {len(texts) - _MOST_LISTED} more)" if len(texts) > _MOST_LISTED else ""
    return "; ".join(texts[:_MOST_LISTED]) + more


def _made_since(moment: datetime | None, pod: PodView) -> bool:
    return moment is not None and pod.created is not None and pod.created >= moment


def _colon(message: str) -> str:
    return f": {message}" if message else ""


def _meaning(trouble: str, message: str) -> StalledReason | None:
    if trouble in _IMAGE:
        return StalledReason.IMAGE_UNAVAILABLE
    if trouble in _CONFIG:
        return StalledReason.CONFIG_MAP_MISSING if "configmap" in message.lower() else StalledReason.SECRET_MISSING
    return StalledReason.ROLLOUT_STUCK if trouble in _NEEDS_A_PERSON else None
