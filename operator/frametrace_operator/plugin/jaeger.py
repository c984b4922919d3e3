"""A pipeline's Jaeger, read through the API server's proxy: one frame's journey by its trace ID."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from frame_tracking import FrameID, InvalidTraceError, Journey, journeys_from_otlp
from frame_tracking.jaeger_refusals import is_unwritable

from frametrace_operator.errors import ActionNeededError, RetryError
from frametrace_operator.plugin.cluster.base import NOT_FOUND, Answer, Cluster, Place

__all__ = ["JaegerElsewhereError", "find_journey", "jaeger_place"]

_HOST: Final = re.compile(r"(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)(\.svc(\.[a-z0-9.-]+)?)?")
_PORTS: Final = {"http": 80, "https": 443}


class JaegerElsewhereError(Exception):
    """A Jaeger that is no Service of the cluster, so that the API server does not lead to it. The text is its address."""


def jaeger_place(url: str) -> tuple[Place, str]:
    """Where a query URL leads inside the cluster, and its path before `/api`.

    Raises:
        JaegerElsewhereError: if it leads out of the cluster, or needs TLS, which the proxy would have to be told.
    """
    parts = urlsplit(url)
    host = _HOST.fullmatch(parts.hostname or "")
    if host is None or parts.scheme != "http":
        raise JaegerElsewhereError(_address(url))
    port = parts.port or _PORTS[parts.scheme]
    return Place("services", host["namespace"], host["name"], port), parts.path.rstrip("/")


def _address(url: str) -> str:
    """The URL as another program takes it, without a user's name and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


async def find_journey(cluster: Cluster, url: str, frame_id: FrameID) -> Journey | None:
    """A frame's journey; None if that Jaeger has no span of it.

    Raises:
        JaegerElsewhereError: if the URL leads out of the cluster.
        OperatorError: if there is no answer, or none of a Jaeger.
    """
    place, prefix = jaeger_place(url)
    answer = await _fetch(cluster, place, f"{prefix}/api/traces/{frame_id.trace_id}", url)
    found = _json(answer.body)
    newer = is_unwritable(found)
    if newer:
        answer = await _fetch(cluster, place, f"{prefix}/api/v3/traces/{frame_id.trace_id}", url)
        found = _json(answer.body)
    if answer.status == HTTPStatus.NOT_FOUND and isinstance(found, Mapping):
        return None
    if answer.status != HTTPStatus.OK or not isinstance(found, Mapping):
        raise RetryError(
            f"Jaeger ({place.namespace}/{place.name}) answered {answer.status}, and not as its query API does"
        )
    try:
        if newer:
            return next(iter(journeys_from_otlp((found.get("result") or {},))), None)
        return next((Journey.from_jaeger(trace) for trace in found.get("data") or ()), None)
    except (InvalidTraceError, TypeError, AttributeError):
        raise RetryError(f"Jaeger ({place.namespace}/{place.name}) answered with a trace that cannot be read") from None


async def _fetch(cluster: Cluster, place: Place, path: str, url: str) -> Answer:
    try:
        return await cluster.fetch(place, path)
    except ActionNeededError as error:
        may_be_outside = (urlsplit(url).hostname or "").count(".") == 1
        if error.reason == NOT_FOUND and may_be_outside:
            raise JaegerElsewhereError(_address(url)) from None
        raise


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
