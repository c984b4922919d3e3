"""Takes the user part out of URLs in any text: what pods and the operator share of keeping credentials in. Pure.

Such texts come from others, so the time grows with a text's length and no faster.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["without_url_users"]

_RUN: Final = re.compile(r"[^\s'\"<>]+")
_SCHEME: Final = "://"


def without_url_users(text: str) -> str:
    """Return `text` with *** in place of what stands before the @ in a URL."""
    return _RUN.sub(_without_user, text) if _SCHEME in text else text


def _without_user(run: re.Match[str]) -> str:
    """Hide up to the last @: a password may hold a slash, and a path that is hidden too is the smaller harm."""
    text = run[0]
    begin, end = text.find(_SCHEME), text.rfind("@")
    if begin < 0 or end < begin:
        return text
    return f"{text[: begin + len(_SCHEME)]}***{text[end:]}"
