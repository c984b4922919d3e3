"""Waiting until the operator has done what a person asked of the guard, and telling how far it is meanwhile."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from frametrace_api.status_tracing import GuardState, RollbackStep

from frametrace_operator.errors import RetryError
from frametrace_operator.kube.base import Object
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.finding import one_pipeline
from frametrace_operator.plugin.session import Session

__all__ = ["Wish", "how_far", "wait"]

_LOOK_SECONDS: Final = 1.0

Wish = tuple[str, str, GuardState]
"""Field of `status.tracing` that has the request acted upon last, its value once ours is, and the state to be reached."""

_WORDS: Final[Mapping[str, str]] = {
    GuardState.DISABLED: "tracing is disabled in the spec",
    GuardState.HEALTHY: "tracing is in all pods",
    GuardState.SUSPECT: "tracing is in all pods, and watched closely",
    GuardState.ROLLED_BACK: "all pods run without instrumentation",
}
_STEPS: Final[Mapping[str, str]] = {
    RollbackStep.LIVE_OFF: "tracing is being switched off in the running pods",
    RollbackStep.RESTARTING: "tracing is off; pods are being replaced by ones without instrumentation",
}


async def wait(session: Session, name: str, wish: Wish, seconds: float, tell: Callable[[str], None]) -> None:
    """Look once a second until it is done; tell each new state. An API server that does not answer is asked again.

    Raises:
        CommandError: if it is not done in time, or the pipeline goes.
        OperatorError: if the API server refuses to tell.
    """
    end, told, who = session.monotonic() + seconds, "", f"{session.namespace}/{name}"
    while True:
        done, line, rest = await _look(session, name, wish)
        if line != told:
            tell(f"{who}: {line}")
            told = line
        if done:
            return
        if session.monotonic() >= end:
            raise CommandError(f"{who}: not done after {seconds:g} s: {line}", Exit.UNAVAILABLE)
        await session.pause(max(_LOOK_SECONDS, rest))


async def _look(session: Session, name: str, wish: Wish) -> tuple[bool, str, float]:
    """Whether it is done, how far it is, and the seconds until the next look that the API server asks for."""
    try:
        body = await one_pipeline(session, name)
    except RetryError as error:
        return False, f"{error}; asking again", error.after or 0.0
    status = (body.get("status") or {}).get("tracing") or {}
    heard = status.get(wish[0]) == wish[1]
    line = how_far(body) if heard else "the operator has not taken it up yet"
    return heard and status.get("state") == wish[2], line, 0.0


def how_far(body: Object) -> str:
    """Where the guard is, in a line for people."""
    status: Mapping[str, Any] = (body.get("status") or {}).get("tracing") or {}
    state = status.get("state", "")
    if state == GuardState.ROLLING_BACK:
        return _STEPS.get(str((status.get("lastRollback") or {}).get("step", "")), "tracing is being taken out")
    if state == GuardState.PROBATION:
        probation = status.get("probation") or {}
        percent, activity = probation.get("camerasPercent", "0"), probation.get("activity")
        who = "one camera" if percent == "0" else f"{percent} % of the cameras"
        return f"tracing comes back: {who}, {str(activity or 'Measuring').lower()}"
    if state == GuardState.ROLLED_BACK and (hold := status.get("hold")):
        return f"{_WORDS[GuardState.ROLLED_BACK]}; only a person brings tracing back ({hold})"
    return _WORDS.get(state, "nothing is known of its tracing")
