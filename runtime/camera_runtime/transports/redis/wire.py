"""Commands that leave together, and their answers in order.

redis-py's client costs more per command than Redis itself. A link has one connection and one thread, so it needs no pool:
what is asked for together is written at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from redis import Redis
from redis.exceptions import TimeoutError as SlowError

__all__ = ["Argument", "Command", "exchange", "packed", "set_picture"]

_COPIED_BYTES: Final = 16_384

Argument = str | bytes | int | float
Command = Sequence[Argument]


def exchange(client: Redis, *commands: Command) -> list[Any]:
    """Send commands in one go and return their answers in order; an answer that says no is returned as its exception.

    The client keeps one connection from then on: it is one thread's.

    Raises:
        redis.exceptions.RedisError: if the connection failed on the way: what took effect is not known.
    """
    connection: Any = client.connection
    if connection is None:
        connection = client.connection = client.connection_pool.get_connection()
    connection.send_packed_command(packed(commands))
    read = connection._parser.read_response  # noqa: SLF001 - `PictureParser`, see `RedisLink`
    try:
        return [read() for _ in commands]
    except TimeoutError:
        connection.disconnect()
        raise SlowError("no answer in time") from None
    except BaseException:
        connection.disconnect()  # what comes next would be an answer to this question
        raise


def packed(commands: Sequence[Command]) -> list[bytes]:
    """Return the commands as Redis reads them, in as few pieces as can be without copying a picture."""
    pieces: list[bytes] = []
    small: list[bytes] = []
    for command in commands:
        small.append(b"*%d\r\n" % len(command))
        for argument in command:
            part = argument if isinstance(argument, bytes) else str(argument).encode()
            if len(part) < _COPIED_BYTES:
                small.append(b"$%d\r\n%b\r\n" % (len(part), part))
                continue
            small.append(b"$%d\r\n" % len(part))
            pieces += (b"".join(small), part)
            small = [b"\r\n"]
    return [*pieces, b"".join(small)]


def set_picture(key: str, picture: bytes, seconds: int) -> tuple[Command, ...]:
    """Return the command that stores a picture for so long; none where there is no key."""
    return (("SET", key, picture, "EX", seconds),) if key else ()
