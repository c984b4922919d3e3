"""Takes credentials out of texts for people: logs, Events, conditions. Knows how credentials look; pure."""

import re
from typing import Final

__all__ = ["redacted"]

_USER_INFO: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s'\"<>]*@")
_BEARER: Final = re.compile(r"(?i)\b(?P<scheme>bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]{8,}")
_FIELD: Final = re.compile(
    r"(?i)(?P<name>\b(?:password|passwd|token|api[-_]?key)\b[\"']?\s*[=:]\s*)(?P<value>[^\s,;&}]+)"
)


def redacted(text: str) -> str:
    """The text without user information in URLs, authorization headers and values of fields that name a secret."""
    text = _USER_INFO.sub(r"\g<scheme>***@", text)
    text = _BEARER.sub(r"\g<scheme> ***", text)
    return _FIELD.sub(r"\g<name>***", text)
