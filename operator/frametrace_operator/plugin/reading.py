"""Reads the pods of pipelines through the API server's proxy: a few at once, each within bounds, none in another's way."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from frametrace_api.contract import HTTP_PORT
from frametrace_api.group import LABEL_PIPELINE

from frametrace_operator.errors import OperatorError
from frametrace_operator.kube.base import Object
from frametrace_operator.plugin.cluster.base import Place
from frametrace_operator.plugin.live import Pair, Reading, reading_of
from frametrace_operator.plugin.session import Session
from frametrace_operator.podview import pod_view, role_and_item
from frametrace_operator.texts import clipped

__all__ = ["MOST_PODS", "LiveValues", "Readings", "read_pods"]

MOST_PODS: Final = 200
"""So many pods are read live at most; a request each would burden the API server."""
_AT_ONCE: Final = 16
_MOST_SAID: Final = 300

Readings = Mapping[str, Reading | str]
"""By pod's UID: what it told, or in one line why it told nothing."""


async def read_pods(session: Session, pods: Iterable[Object]) -> Readings:
    """Read all pods that run."""
    slots = asyncio.Semaphore(_AT_ONCE)
    running = [body for body in pods if pod_view(body).running]
    told = await asyncio.gather(*(_read(session, body, slots) for body in running))
    return {body["metadata"]["uid"]: one for body, one in zip(running, told, strict=True)}


async def _read(session: Session, body: Object, slots: asyncio.Semaphore) -> Reading | str:
    place = Place("pods", body["metadata"]["namespace"], body["metadata"]["name"], HTTP_PORT)
    async with slots:
        try:
            ledger, metrics = [await session.cluster.fetch(place, path) for path in ("/ledger", "/metrics")]
            if ledger.status != HTTPStatus.OK or metrics.status != HTTPStatus.OK:
                return f"it answers {max(ledger.status, metrics.status)}"
            return reading_of(session.monotonic(), ledger.body, metrics.body)
        except OperatorError as error:
            return clipped(str(error), _MOST_SAID)
        except (ValueError, KeyError) as error:
            return f"its answer cannot be read: {type(error).__name__}"


@dataclass(frozen=True, slots=True)
class LiveValues:
    """Two rounds of readings of some pods; the later one may be the only one."""

    pods: tuple[Object, ...]
    earlier: Readings
    later: Readings

    def pairs(self, pipeline: Object, role: str, item: str) -> list[Pair]:
        """The readings of one camera's or stage's pods."""
        found: list[Pair] = []
        for body in self._of(pipeline):
            new, old = (each.get(body["metadata"]["uid"]) for each in (self.later, self.earlier))
            if role_and_item(body) == (role, item) and isinstance(new, Reading):
                found.append((old if isinstance(old, Reading) else None, new))
        return found

    def silent(self, pipeline: Object) -> dict[str, str]:
        """The pipeline's pods that told nothing, and why."""
        told = {body["metadata"]["name"]: self.later.get(body["metadata"]["uid"]) for body in self._of(pipeline)}
        return {pod: why for pod, why in told.items() if isinstance(why, str)}

    def _of(self, pipeline: Object) -> list[Object]:
        wanted = (pipeline["metadata"]["namespace"], pipeline["metadata"]["name"])
        return [
            body
            for body in self.pods
            if (body["metadata"]["namespace"], body["metadata"].get("labels", {}).get(LABEL_PIPELINE)) == wanted
        ]
