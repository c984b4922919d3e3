"""Takes credentials out of text that leaves the process: log lines, span events, reasons."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["SECRET_KEYS", "hide", "redact"]

_USER_INFO: Final = re.compile(r"(?<=://)[^\s'\"<>]*@")
"""Up to the last @: a password may hold a slash, and a path that is hidden too is the smaller harm."""
_MIN_SECRET: Final = 4
_HIDDEN: Final = "***"

SECRET_KEYS: Final = frozenset({"password", "passwd", "secret", "token", "authorization", "credentials", "api_key"})
"""Names of log fields whose value is never written."""

_secrets: set[str] = set()


def hide(secret: str) -> None:
    """Take `secret` out of everything from now on (texts under four characters would blank out half of every line)."""
    if len(secret) >= _MIN_SECRET:
        _secrets.add(secret)


def redact(text: str) -> str:
    """Return `text` without the user part of any URL, and without known secrets."""
    clean = _USER_INFO.sub(f"{_HIDDEN}@", text) if "://" in text else text
    for secret in _secrets:
        clean = clean.replace(secret, _HIDDEN)
    return clean
