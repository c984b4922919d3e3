"""Takes credentials out of texts for people: logs, Events, conditions. Knows how credentials look; pure.

Pods of others write such texts, so the time must grow with a text's length and no faster.
"""

import re
from typing import Final

__all__ = ["redacted"]

_WORD: Final = re.compile(r"[^\s'\"<>]+")
_BEARER: Final = re.compile(r"(?i)\b(?P<scheme>bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]{8,}")
_FIELD: Final = re.compile(
    r"(?i)(?P<name>\b(?:password|passwd|token|api[-_]?key)\b[\"']?\s*[=:]\s*)(?P<value>[^\s,;&}]+)"
)


def redacted(text: str) -> str:
    """The text without user information in URLs, authorization headers and values of fields that name a secret."""
    text = _WORD.sub(_without_user, text)
    text = _BEARER.sub(r"\g<scheme> ***", text)
    return _FIELD.sub(r"\g<name>***", text)


def _without_user(word: re.Match[str]) -> str:
    """A word without what stands between its first `://` and its last `@`."""
    text = word.group()
    start, end = text.find("://"), text.rfind("@")
    return f"{text[: start + 3]}***{text[end:]}" if 0 <= start < end else text
