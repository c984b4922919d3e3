"""Which running pods have to be told of the live ConfigMap. Pure.

The kubelet looks at a mounted ConfigMap about once a minute, and at once when the pod itself changes: so an annotation
of each pod is what makes a change take effect within a second. New pods mount the present content and need no word.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from frame_tracking import TracingNow
from frametrace_api.contract import LiveContract, TracingState

from frametrace_operator.manifests import RENDERED_HASH, Child
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView

__all__ = ["Telling", "telling"]

_READERS = frozenset({Role.CAPTURE.value, Role.STAGE.value})


@dataclass(frozen=True, slots=True)
class Telling:
    """The pods to annotate, and the hash of the ConfigMap that they are told of."""

    pods: tuple[PodView, ...] = ()
    hash: str = ""


def telling(seen: Observation, wanted: Iterable[Child], *, written: bool) -> Telling:
    """Which pods to tell; `written` says that the ConfigMap is (to be) written in this very pass."""
    child = next((child for child in wanted if child.role == Role.LIVE), None)
    if child is None:
        return Telling()
    now = str(child.body["metadata"]["annotations"][RENDERED_HASH])
    pods = tuple(_untold(seen, child, now, written=written))
    return Telling(pods, now) if pods else Telling()


def _untold(seen: Observation, child: Child, now: str, *, written: bool) -> Iterator[PodView]:
    state = LiveContract.model_validate_json(child.body["data"]["live.json"]).tracing.state
    for pod in seen.pods:
        if pod.role not in _READERS or not pod.running or pod.live == now:
            continue
        if written or pod.live or _contradicts(seen.flow.tracing.get(pod.uid), state):
            yield pod


def _contradicts(says: TracingNow | None, state: TracingState) -> bool:
    """Whether a pod still does the other thing: the word to it was lost with the operator that was to give it."""
    return says is (TracingNow.ON if state is TracingState.OFF else TracingNow.OFF)
