"""Makes text fit to leave the process: without credentials, of bounded length, encodable. For logs, spans and reasons."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["SECRET_KEYS", "describe", "hide", "presentable", "redact"]

_RUN: Final = re.compile(r"[^\s'\"<>]+")
_SCHEME: Final = "://"
_MIN_SECRET: Final = 4
_HIDDEN: Final = "***"
_MOST: Final = 4096

SECRET_KEYS: Final = frozenset({"password", "passwd", "secret", "token", "authorization", "credentials", "api_key"})
"""Names of log fields whose value is never written."""

_secrets: set[str] = set()


def hide(secret: str) -> None:
    """Take `secret` out of everything from now on (texts under four characters would blank out half of every line)."""
    if len(secret) >= _MIN_SECRET:
        _secrets.add(secret)


def redact(text: str) -> str:
    """Return `text` without the user part of any URL, and without known secrets."""
    clean = _RUN.sub(_without_user, text) if _SCHEME in text else text
    for secret in sorted(_secrets, key=len, reverse=True):  # the longest first: one may be part of another
        clean = clean.replace(secret, _HIDDEN)
    return clean


def presentable(text: str, most: int = _MOST) -> str:
    """Return `text` redacted, with at most `most` characters, and such that UTF-8 can carry it."""
    return redact(text)[:most].encode("utf-8", "replace").decode("utf-8")


def describe(error: BaseException) -> str:
    """Return an exception's message, presentable; never raises, whatever the exception does."""
    try:
        return presentable(str(error))
    except Exception:  # noqa: BLE001 - a user's exception may fail to say what it is
        return "(its message cannot be read)"


def _without_user(run: re.Match[str]) -> str:
    """Hide up to the last @: a password may hold a slash, and a path that is hidden too is the smaller harm."""
    text = run[0]
    begin, end = text.find(_SCHEME), text.rfind("@")
    if begin < 0 or end < begin:
        return text
    return f"{text[: begin + len(_SCHEME)]}{_HIDDEN}{text[end:]}"
