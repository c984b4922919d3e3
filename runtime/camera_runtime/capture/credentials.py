"""A camera's user name and password, from the files of a mounted Secret.

Read at every connect, so that a rotated Secret takes effect without a restart. Never shown: not in `repr`, and from
their reading on taken out of every log line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

from telemetry import hide

from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["Credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login; both parts are empty where the camera asks for none."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def read(cls, username_file: str, password_file: str) -> Self:
        """Read the mounted files; an empty path means that there is none. A line end at the end is not part of it.

        Raises:
            SourceError: `CREDENTIALS_MISSING`, if a file cannot be read or is no text.
        """
        credentials = cls(_read(username_file), _read(password_file))
        for secret in (credentials.password, quote(credentials.password, safe="")):
            hide(secret)
        return credentials

    def user_info(self) -> str:
        """Return `user:password@` percent-encoded for a URL; empty without a user."""
        if not self.username:
            return ""
        return f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"


def _read(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SourceError(Problem.CREDENTIALS_MISSING, f"{path} of the camera's Secret cannot be read: {why}") from None
