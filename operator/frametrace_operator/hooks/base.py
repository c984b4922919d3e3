"""What the operator asks of an owner's webhook. Must not know HTTP's client library.

URL and token are a custom resource's word, so hostile input: an implementation calls no address of this machine or its
link, follows no redirect, reads no answer's body, and tells nobody what the token is.
"""

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["HookError", "Hooks"]


class HookError(Exception):
    """A call that was refused or failed. The text is one line for people, without credentials."""


class Hooks(Protocol):
    """Calls webhooks."""

    async def post(self, url: str, body: Mapping[str, Any], *, token: str | None, name: str) -> None:
        """POST a JSON body; `name` is the same for every try of one call, so that the other side can know it again.

        Raises:
            HookError: if there was no 2xx answer in time, or the URL must not be called.
        """
