"""Logs: one JSON object a line, with the pipeline's name where there is one, and never a credential."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from frametrace_operator.redaction import redacted

__all__ = ["logger", "set_up"]

_NOISY: Final = ("kopf", "aiohttp.access", "kubernetes", "asyncio")


def logger() -> Any:
    """The operator's logger: `logger().info("what happened", key=value)`."""
    return structlog.get_logger("frametrace.operator")


def set_up(level: str) -> None:
    """Send all logs of the process, other libraries' among them, to standard output as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,  # without what libraries attach: it may be whole objects
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _NOISY if level.upper() == "INFO" else ():
        logging.getLogger(name).setLevel(logging.WARNING)


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in event.items()}
