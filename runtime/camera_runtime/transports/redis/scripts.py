"""The Lua scripts, each one step that happens wholly or not at all, and how they are run. Needs Redis 7.0.

`allow-oom`: finishing, forwarding and claiming must work on a full server, or it could never empty again; a new frame
is refused there. The flag line also makes Redis refuse a script before it starts, never in its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final, cast

from redis import Redis
from redis.exceptions import NoScriptError

__all__ = ["CHECK", "FINISH", "FORWARD", "GIVE_BACK", "LAG", "SEND", "SWEEP", "TAKE", "Script"]

_LUA: Final = files("camera_runtime.transports.redis") / "lua"
_Argument = str | bytes | int | float


@dataclass(frozen=True)
class Script:
    """One script; Redis knows it by the hash of its text."""

    name: str
    flags: str = "allow-oom"

    @cached_property
    def text(self) -> str:
        """The whole program."""
        head = f"#!lua flags={self.flags}\n" if self.flags else "#!lua\n"
        return head + (_LUA / "shared.lua").read_text("utf-8") + (_LUA / f"{self.name}.lua").read_text("utf-8")

    @cached_property
    def sha(self) -> str:
        """Its name in Redis."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: Redis, keys: list[str], *arguments: _Argument) -> Any:
        """Run it, loading it first where the server does not know it (it was restarted)."""
        try:
            return client.evalsha(self.sha, len(keys), *keys, *cast("tuple[str, ...]", arguments))
        except NoScriptError:
            client.script_load(self.text)
            return client.evalsha(self.sha, len(keys), *keys, *cast("tuple[str, ...]", arguments))

    def run_after_set(
        self, client: Redis, picture: tuple[str, bytes, int], keys: list[str], *arguments: _Argument
    ) -> Any:
        """Store a picture (key, content, seconds to live), then run the script, in one round trip."""
        pipeline = client.pipeline(transaction=False)
        pipeline.set(picture[0], picture[1], ex=picture[2])
        pipeline.evalsha(self.sha, len(keys), *keys, *cast("tuple[str, ...]", arguments))
        stored, answer = pipeline.execute(raise_on_error=False)
        if isinstance(stored, Exception):
            raise stored
        if isinstance(answer, NoScriptError):
            return self.run(client, keys, *arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer


SEND: Final = Script("send", flags="")
FORWARD: Final = Script("forward")
FINISH: Final = Script("finish")
TAKE: Final = Script("take")
CHECK: Final = Script("check")
GIVE_BACK: Final = Script("give_back")
SWEEP: Final = Script("sweep")
LAG: Final = Script("lag")
