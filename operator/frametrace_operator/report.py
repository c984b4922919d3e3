"""Report: write a status if it says something new, and tell people what changed. Must not judge anything."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from frametrace_api.conditions import ReconcilingReason
from frametrace_api.status import CameraPipelineStatus

from frametrace_operator.errors import OperatorError, RetryError
from frametrace_operator.events import Recorder
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.logs import logger
from frametrace_operator.notice import Notice
from frametrace_operator.transitions import news

__all__ = ["Reporter"]

_WORDS_WAIT: Final = timedelta(seconds=30)


class Reporter:
    """Writes statuses and Events."""

    def __init__(self, kube: Kube, recorder: Recorder, may_write: Callable[[], None]) -> None:
        self._kube = kube
        self._recorder = recorder
        self._may_write = may_write
        self._written: dict[PipelineKey, datetime] = {}

    async def report(
        self, resource: Object, before: CameraPipelineStatus | None, after: CameraPipelineStatus, now: datetime
    ) -> bool:
        """Write the status if it is not what stands there already. Returns whether it was written.

        Raises:
            GoneError: if the resource is not there any more.
            OperatorError: if the cluster does not answer.
        """
        metadata = resource["metadata"]
        key = PipelineKey(metadata["namespace"], metadata["name"])
        if before == after or (_same_state(before, after) and self._lately_written(key, now)):
            return False
        self._may_write()
        await self._kube.replace_status(
            PIPELINE, metadata["namespace"], metadata["name"], uid=metadata["uid"], status=after.to_object()
        )
        self._written[key] = now
        await self._tell(resource, news(before, after), now)
        return True

    def forget(self, key: PipelineKey) -> None:
        """The resource is gone."""
        self._written.pop(key, None)

    def _lately_written(self, key: PipelineKey, now: datetime) -> bool:
        """Whether other words for the same state can wait."""
        return key in self._written and now - self._written[key] < _WORDS_WAIT

    async def _tell(self, resource: Object, notices: Iterable[Notice], now: datetime) -> None:
        """Events are news, not state: one that cannot be written is logged and lost, and one in trouble ends the telling."""
        for notice in notices:
            try:
                await self._recorder.record(resource, notice, now)
            except OperatorError as error:
                logger().warning("an Event was not written", reason=notice.reason, error=str(error))
                if isinstance(error, RetryError):
                    return


def _same_state(before: CameraPipelineStatus | None, after: CameraPipelineStatus) -> bool:
    return before is not None and _without_words(before.to_object()) == _without_words(after.to_object())


def _without_words(value: Any) -> Any:
    """All but messages, and how far a rollout is: that goes by itself, and the next state ends it."""
    if isinstance(value, dict):
        return {key: _without_words(inner) for key, inner in value.items() if key != "message"}
    if isinstance(value, list):
        return [_without_words(inner) for inner in value]
    return ReconcilingReason.APPLYING.value if value == ReconcilingReason.ROLLING_OUT else value
