"""Report: write a status if it says something new, and tell people what changed. Must not judge anything."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from frametrace_api.conditions import ConditionType, ReadyReason, ReconcilingReason
from frametrace_api.status import CameraPipelineStatus, ConditionStatus

from frametrace_operator.errors import OperatorError, RetryError
from frametrace_operator.events import Recorder
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.logs import logger
from frametrace_operator.notice import Notice
from frametrace_operator.transitions import news

__all__ = ["Reported", "Reporter"]

_WORDS_WAIT: Final = timedelta(seconds=30)
_STEPS_WAIT: Final = timedelta(seconds=3)
"""How far a pipeline is that starts: in a large fleet each step of each is not worth a write."""
_COUNTS_WAIT: Final = timedelta(seconds=10)
"""How many of its pods there are, and nothing else: that goes by itself, too."""
_COUNTS: Final = frozenset({"replicas", "readyReplicas"})
_AT_ONCE: Final = timedelta(0)
_HOW_FAR: Final[dict[str, Any]] = {
    "conditions": (),
    "cameras_ready": "",
    "stages_ready": "",
    "cameras": (),
    "stages": (),
}


@dataclass(frozen=True, slots=True)
class Reported:
    """Whether a status was written; and in how many seconds it should be if it waits for more, None if nothing waits."""

    written: bool
    again: float | None = None


class Reporter:
    """Writes statuses and Events."""

    def __init__(self, kube: Kube, recorder: Recorder, may_write: Callable[[], None]) -> None:
        self._kube = kube
        self._recorder = recorder
        self._may_write = may_write
        self._written: dict[PipelineKey, datetime] = {}
        self._held: dict[PipelineKey, datetime] = {}

    async def report(
        self, resource: Object, before: CameraPipelineStatus | None, after: CameraPipelineStatus, now: datetime
    ) -> Reported:
        """Write the status if it says anything that does not stand there already, and that need not wait for more.

        Raises:
            GoneError: if the resource is not there any more.
            OperatorError: if the cluster does not answer.
        """
        metadata = resource["metadata"]
        key = PipelineKey(metadata["namespace"], metadata["name"])
        if before == after:
            self._held.pop(key, None)
            return Reported(written=False)
        wait = _wait(before, after)
        left = self._left(key, wait, now)
        if left:
            return Reported(written=False, again=left)
        self._may_write()
        await self._kube.replace_status(
            PIPELINE, metadata["namespace"], metadata["name"], uid=metadata["uid"], status=after.to_object()
        )
        self._written[key] = now
        self._held.pop(key, None)
        await self._tell(resource, news(before, after), now)
        return Reported(written=True)

    def forget(self, key: PipelineKey) -> None:
        """The resource is gone."""
        self._written.pop(key, None)
        self._held.pop(key, None)

    def _left(self, key: PipelineKey, wait: timedelta, now: datetime) -> float:
        """Seconds that are left of a wait; 0 if nothing was written before. Words wait since then, steps since they were news."""
        if wait is _AT_ONCE or key not in self._written:
            return 0.0
        if wait is _WORDS_WAIT:
            self._held.pop(key, None)  # what was held went by itself
        since = self._written[key] if wait is _WORDS_WAIT else self._held.setdefault(key, now)
        return max(_AT_ONCE, since + wait - now).total_seconds()

    async def _tell(self, resource: Object, notices: Iterable[Notice], now: datetime) -> None:
        """Events are news, not state: one that cannot be written is logged and lost, and one in trouble ends the telling."""
        for notice in notices:
            try:
                await self._recorder.record(resource, notice, now)
            except OperatorError as error:
                logger().warning("an Event was not written", reason=notice.reason, error=str(error))
                if isinstance(error, RetryError):
                    return


def _wait(before: CameraPipelineStatus | None, after: CameraPipelineStatus) -> timedelta:
    """How long this can wait for more to tell."""
    if _same_state(before, after):
        return _WORDS_WAIT
    if before is None or not _starts(before) or not _same_steps(before, after):
        return _AT_ONCE
    return _COUNTS_WAIT if _same_state(before, after, _COUNTS) else _STEPS_WAIT


def _starts(status: CameraPipelineStatus) -> bool:
    """Whether a pipeline is on its way, and waits for nobody."""
    kinds = (ConditionType.READY, ConditionType.STALLED, ConditionType.RECONCILING)
    ready, stalled, reconciling = map(status.condition, kinds)
    on_its_way = ready is not None and ready.reason == ReadyReason.PROGRESSING
    fails = reconciling is not None and reconciling.reason == ReconcilingReason.RETRYING
    return on_its_way and not fails and (stalled is None or stalled.status is ConditionStatus.FALSE)


def _same_steps(before: CameraPipelineStatus, after: CameraPipelineStatus) -> bool:
    """Whether a pipeline is on its way still, and nothing else is news: what the guard decided is written before it is done."""
    return _starts(after) and before.model_copy(update=_HOW_FAR) == after.model_copy(update=_HOW_FAR)


def _same_state(before: CameraPipelineStatus | None, after: CameraPipelineStatus, besides: Container[str] = ()) -> bool:
    """Whether they differ in words alone; or in these fields."""
    return before is not None and _state(before.to_object(), besides) == _state(after.to_object(), besides)


def _state(value: Any, besides: Container[str]) -> Any:
    """All but messages, and how far a rollout is: that goes by itself, and the next state ends it."""
    if isinstance(value, dict):
        return {key: _state(inner, besides) for key, inner in value.items() if key != "message" and key not in besides}
    if isinstance(value, list):
        return [_state(inner, besides) for inner in value]
    return ReconcilingReason.APPLYING.value if value == ReconcilingReason.ROLLING_OUT else value
