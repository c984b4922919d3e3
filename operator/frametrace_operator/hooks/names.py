"""Names: looks up the addresses of hosts that custom resources name, so that a DNS that is silent for some keeps nobody else's waiting.

The system's resolver cannot be cancelled, and a name that nobody answers for holds a thread of it for ten seconds or more. So
there are threads for this alone, each name is looked up once at a time, and names that never answered in time have threads apart.
"""

import asyncio
import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Final

__all__ = ["Names"]

Address = tuple[socket.AddressFamily, int, str]
"""Family, protocol, address."""

_SECONDS: Final = 2.0
_THREADS: Final = 16
_KEPT_SECONDS: Final = 30.0
_REST_SECONDS: Final = 10.0
_MOST_KNOWN: Final = 10_000


class _Lane:
    """So many threads at most, first come first served. They end with their work, and keep no process from its end."""

    def __init__(self, threads: int) -> None:
        self._most, self._running = threads, 0
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = Lock()

    def put(self, work: Callable[[], None]) -> None:
        """Have it done."""
        with self._lock:
            self._waiting.append(work)
            if self._running >= self._most:
                return
            self._running += 1
        Thread(target=self._work, name="resolve names", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                work = self._waiting.popleft()
            work()


@dataclass(slots=True)
class _Name:
    """What is known of a name.

    Attributes:
        proven: whether its last look-up took no longer than it may.
        begun: when the look-up was asked for that is under way, or was last; monotonic seconds.
        missed: whether somebody waited for that one in vain.
        told: an answer that came when somebody had waited in vain; it holds until `rests`.
        rests: until when it is not looked up again; monotonic seconds.
    """

    proven: bool = False
    begun: float = 0.0
    missed: bool = False
    lookup: asyncio.Future[list[Address] | Exception] | None = None
    told: list[Address] | None = None
    rests: float = 0.0


class Names:
    """Looks names up as the system does.

    Args:
        seconds: the longest time that one who asks is kept waiting.
        threads: for names that answer, and as many for those that never did in time.
    """

    def __init__(self, *, seconds: float = _SECONDS, threads: int = _THREADS) -> None:
        self._seconds = seconds
        self._proven, self._unproven = _Lane(threads), _Lane(threads)
        self._known: dict[tuple[str, int], _Name] = {}

    async def addresses(self, host: str, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[Address]:
        """The addresses of a name.

        Raises:
            socket.gaierror: if it has none, or the DNS was silent for `seconds`.
        """
        name, now = self._name(host, family), time.monotonic()
        lookup = name.lookup
        if lookup is None:
            if now < name.rests:
                return _told(name.told if name.told is not None else _silent())
            lookup = self._begin(name, host, family)
        await asyncio.wait((lookup,), timeout=max(0.0, name.begun + self._seconds - now))
        if not lookup.done():
            name.missed = True
            raise _silent()
        return _told(lookup.result())

    def _name(self, host: str, family: socket.AddressFamily) -> _Name:
        name = self._known.pop((host, family), None) or _Name()
        self._known[host, family] = name
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return name

    def _begin(self, name: _Name, host: str, family: socket.AddressFamily) -> asyncio.Future[list[Address] | Exception]:
        loop = asyncio.get_running_loop()
        name.begun, name.lookup = time.monotonic(), loop.create_future()
        name.missed, name.told = False, None

        def work() -> None:
            begun = time.monotonic()
            found = _look_up(host, family)
            took = time.monotonic() - begun
            with contextlib.suppress(RuntimeError):  # the loop is over, and nobody waits
                loop.call_soon_threadsafe(self._end, name, found, took)

        (self._proven if name.proven else self._unproven).put(work)
        return name.lookup

    def _end(self, name: _Name, found: list[Address] | Exception, took: float) -> None:
        now, lookup, name.lookup = time.monotonic(), name.lookup, None
        name.proven = took <= self._seconds
        if name.missed and not isinstance(found, Exception):
            name.told, name.rests = found, now + _KEPT_SECONDS
        elif not name.proven:
            name.rests = now + _REST_SECONDS
        if lookup is not None and not lookup.done():
            lookup.set_result(found)


def _look_up(host: str, family: socket.AddressFamily) -> list[Address] | Exception:
    try:
        found = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, ValueError) as error:
        return error
    return [(each, protocol, str(address[0])) for each, _, protocol, _, address in found]


def _told(found: list[Address] | Exception) -> list[Address]:
    if isinstance(found, Exception):
        raise found
    return found


def _silent() -> socket.gaierror:
    return socket.gaierror(socket.EAI_AGAIN, "the DNS does not answer for its name")
