"""Log lines as JSON, with the frame and the trace that they belong to, and without credentials.

Lines of libraries (redis, OpenTelemetry, aiohttp) pass through the same chain: one form, one redaction.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor

from telemetry.current import current_hop
from telemetry.redaction import SECRET_KEYS, redact

__all__ = ["set_up_logs"]

_MAX_DEPTH: Final = 5


def set_up_logs(service: str, *, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Write every log line of the process as one JSON object to `stream` (standard error by default).

    Raises:
        ValueError: if `level` is not a level's name.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _add_service(service),
        _add_frame,
        _redact_event,
    ]
    _take_over_stdlib(shared, level, stream or sys.stderr)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _take_over_stdlib(shared: list[Processor], level: str, stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(default=_readable),
        ],
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _add_service(service: str) -> Processor:
    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return add


def _add_frame(_logger: Any, _method: str, event: EventDict) -> EventDict:
    hop = current_hop()
    if hop is not None:
        event.setdefault("frame_id", str(hop.frame_id))
        event.setdefault("trace_id", hop.trace_id)
    return event


def _redact_event(_logger: Any, _method: str, event: EventDict) -> EventDict:
    # structlog's own bookkeeping (`_record`, `_from_structlog`) is taken out after this step.
    return {key: value if key.startswith("_") else _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any, depth: int = 0) -> Any:
    if key.lower() in SECRET_KEYS:
        return "***"
    if isinstance(value, str):
        return redact(value)
    if depth < _MAX_DEPTH and isinstance(value, MutableMapping):
        return {str(name): _clean(str(name), item, depth + 1) for name, item in value.items()}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple):
        return [_clean("", item, depth + 1) for item in value]
    return value if isinstance(value, bool | int | float | None) else redact(repr(value))


def _readable(value: Any) -> str:
    return redact(repr(value))
