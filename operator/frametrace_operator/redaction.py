"""Takes credentials out of texts for people: logs, Events, conditions. Knows how credentials look; pure.

Pods of others write such texts, so the time must grow with a text's length and no faster.
"""

import re
from typing import Final

from frame_tracking.redaction import without_url_users

__all__ = ["redacted"]

_BEARER: Final = re.compile(r"(?i)\b(?P<scheme>bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]{8,}")
_FIELD: Final = re.compile(
    r"(?i)(?P<name>\b(?:password|passwd|token|api[-_]?key)\b[\"']?\s*[=:]\s*)(?P<value>[^\s,;&}]+)"
)


def redacted(text: str) -> str:
    """The text without user information in URLs, authorization headers and values of fields that name a secret."""
    text = without_url_users(text)
    text = _BEARER.sub(r"\g<scheme> ***", text)
    return _FIELD.sub(r"\g<name>***", text)
