"""HopSpan: a hop's own span as the code inside the hop sees it, `opentelemetry.trace.get_current_span()`.

It is cheap for the many frames whose handler never looks at it: only when something is asked of it that the built-in
spans do not have (attributes, events, links, a status) does it become a span of OpenTelemetry's own SDK, which then
does it as ever, limits included.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import structlog
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import Span as ApiSpan
from opentelemetry.trace import SpanContext, Status, StatusCode
from opentelemetry.util.types import Attributes, AttributeValue

__all__ = ["HopSpan", "SpanOwner"]

_LOG = structlog.get_logger(__name__)


class SpanOwner(Protocol):
    """What the span asks of its hop."""

    def span_context(self) -> SpanContext:
        """Return the span's own context."""

    def sdk_span(self) -> Span:
        """Return the SDK's span that stands for the hop's from now on; once the hop has ended, one that has ended."""

    def nest(self, scope: bytes, *, own: bool = False) -> bool:
        """Take an encoded `ScopeSpans` of the hop's own span, or of one that ended inside it; False if it comes too late."""

    def left_behind(self) -> None:
        """The hop is a forked child's copy: it takes nothing any more."""


@cache
def _refuse(what: str, instead: str) -> None:
    """Say it once a process, not with every frame."""
    _LOG.warning("a frame's own span is not changed so", tried=what, instead=instead)


class HopSpan(ApiSpan):
    """A recording span. The hop ends it, under its own name: `end` and `update_name` by others are refused."""

    __slots__ = ("_ended", "_made_context", "_owner")

    def __init__(self, owner: SpanOwner) -> None:
        self._owner = owner
        self._made_context: SpanContext | None = None
        self._ended = False

    @property
    def owner(self) -> SpanOwner:
        """The hop."""
        return self._owner

    def close(self) -> None:
        """The hop has ended: nothing is recorded any more."""
        self._ended = True

    def get_span_context(self) -> SpanContext:
        """Return the span's context."""
        if self._made_context is None:
            self._made_context = self._owner.span_context()
        return self._made_context

    def is_recording(self) -> bool:
        """Tell whether the hop is still open."""
        return not self._ended

    def end(self, end_time: int | None = None) -> None:  # noqa: ARG002 - the API's signature
        """Refuse: the runtime ends a frame's hop, with its outcome."""
        _refuse("end", "the runtime ends it after the handler")

    def set_attributes(self, attributes: Any) -> None:
        """See `opentelemetry.trace.Span`, as for the others."""
        self._owner.sdk_span().set_attributes(attributes)

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        """Set one attribute."""
        self._owner.sdk_span().set_attribute(key, value)

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        """Add an event."""
        self._owner.sdk_span().add_event(name, attributes, timestamp)

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Add a link."""
        self._owner.sdk_span().add_link(context, attributes)

    def update_name(self, name: str) -> None:  # noqa: ARG002 - the API's signature
        """Refuse: a hop is found by its span's name, in Jaeger as by the guard, which would miss this one."""
        _refuse("update_name", "set an attribute, or open a span of your own")

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the status."""
        self._owner.sdk_span().set_status(status, description)

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002 - the API's signature
    ) -> None:
        """Record an exception as an event."""
        self._owner.sdk_span().record_exception(exception, attributes, timestamp, escaped)

    def __getattr__(self, name: str) -> Any:
        """Give what only the SDK's spans have, such as `attributes`: instrumentations look there."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._owner.sdk_span(), name)
