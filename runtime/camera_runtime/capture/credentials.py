"""A camera's user name and password, from the files of a mounted Secret, and their removal from texts.

Read at every connect, so that a rotated Secret takes effect without a restart. Never shown: not in `repr`, and every
foreign text goes through `redacted` before it becomes a message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

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
        return cls(_read(username_file), _read(password_file))

    def user_info(self) -> str:
        """Return `user:password@` percent-encoded for a URL; empty without a user."""
        if not self.username:
            return ""
        return f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"

    def redacted(self, text: str) -> str:
        """Return `text` with every form of the credentials replaced."""
        secrets = {self.user_info(), self.password, quote(self.password, safe=""), quote(self.password)}
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def _read(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SourceError(Problem.CREDENTIALS_MISSING, f"{path} of the camera's Secret cannot be read: {why}") from None
