"""Makes text fit to leave the process: without credentials, of bounded length, encodable. For logs, spans and reasons."""

from __future__ import annotations

from typing import Final

from frame_tracking.redaction import without_url_users

__all__ = ["SECRET_KEYS", "describe", "hide", "presentable", "redact"]

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
    clean = without_url_users(text)
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
