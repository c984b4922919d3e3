"""The Lua scripts, each one step that happens wholly or not at all, and how they are run. Needs Redis 7.0.

`allow-oom`: finishing, forwarding and claiming must work on a full server, or it could never empty again; a new frame
is refused there. The flag line also makes Redis refuse a script before it starts, never in its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError

from camera_runtime.transports.redis.wire import Argument, Command, exchange

__all__ = [
    "CHECK",
    "FINISH",
    "FORWARD",
    "GIVE_BACK",
    "LAG",
    "LOST",
    "REMEMBER",
    "SEND",
    "SWEEP",
    "TAKE",
    "WAITING",
    "Script",
]

_ALL: Final = ("groups", "marks", "append")
_LUA: Final = files("camera_runtime.transports.redis") / "lua"


@dataclass(frozen=True)
class Script:
    """One script; Redis knows it by the hash of its text.

    Attributes:
        parts: what of the common code it needs: Redis runs all of its text each time.
    """

    name: str
    parts: tuple[str, ...] = _ALL
    flags: str = "allow-oom"

    @cached_property
    def text(self) -> str:
        """The whole program."""
        head = f"#!lua flags={self.flags}\n" if self.flags else "#!lua\n"
        return head + "".join((_LUA / f"{part}.lua").read_text("utf-8") for part in (*self.parts, self.name))

    @cached_property
    def sha(self) -> str:
        """Its name in Redis."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: Redis, keys: Sequence[str], *arguments: Argument) -> Any:
        """Run it, loading it first where the server does not know it (it was restarted)."""
        return self.run_among(client, keys, arguments)[0]

    def run_among(
        self,
        client: Redis,
        keys: Sequence[str],
        arguments: Sequence[Argument],
        *,
        before: Sequence[Command] = (),
        after: Sequence[Command] = (),
    ) -> tuple[Any, list[Any]]:
        """Run it between other commands, in one round trip; return its answer, and those of the commands `after` it.

        Raises:
            redis.exceptions.RedisError: if the connection failed, or the script or a command `before` it was refused.
        """
        own = ("EVALSHA", self.sha, len(keys), *keys, *arguments)
        answers = exchange(client, *before, own, *after)
        answer = answers[len(before)]
        if isinstance(answer, NoScriptError):
            _, answer = exchange(client, ("SCRIPT", "LOAD", self.text), own)
        for each in (*answers[: len(before)], answer):
            if isinstance(each, Exception):
                raise each
        return answer, answers[len(before) + 1 :]


SEND: Final = Script("send", flags="")
FORWARD: Final = Script("forward")
FINISH: Final = Script("finish", ("groups", "marks"))
TAKE: Final = Script("take", ("groups", "marks"))
CHECK: Final = Script("check")
GIVE_BACK: Final = Script("give_back")
SWEEP: Final = Script("sweep")
LAG: Final = Script("lag")
LOST: Final = Script("lost", ("groups", "marks"))
REMEMBER: Final = Script("remember", ("marks",))
WAITING: Final = Script("waiting", ())
