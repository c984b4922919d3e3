"""The brokers of `no_loss.py`: how each is set up, and restarted as by a crash."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from frametrace_api.contract import BrokerContract

from scripts.servers.rabbitmq import RabbitServer
from scripts.servers.redis import RedisServer

__all__ = ["BROKERS", "BrokerUnderTest"]

_DOWN_SECONDS = 0.5
_MOST_FRAMES = 500


class BrokerUnderTest(Protocol):
    """A broker that the run may restart."""

    @property
    def contract(self) -> BrokerContract:
        """How processes reach it."""

    def restart(self) -> None:
        """End it as a crash would, and start it again a moment later."""

    def stop(self) -> None:
        """End it."""


class _Redis:
    def __init__(self, folder: Path, *options: str) -> None:
        self._server = RedisServer(folder, *options)
        self.contract = BrokerContract(url=self._server.url, max_frames=_MOST_FRAMES, overflow="Block")

    def restart(self) -> None:
        self._server.kill()
        time.sleep(_DOWN_SECONDS)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


def _operator_redis(folder: Path) -> BrokerUnderTest:
    """As the operator's manifest has it: in memory only, and full rather than forgetful."""
    return _Redis(folder, "--maxmemory", "256mb", "--maxmemory-policy", "noeviction")


def _external_redis(folder: Path) -> BrokerUnderTest:
    """As an owner has it who wants nothing lost: every write is on disk before it is acknowledged."""
    return _Redis(folder, "--appendonly", "yes", "--appendfsync", "always")


class _Rabbit:
    def __init__(self, folder: Path) -> None:
        self._server = RabbitServer(folder)
        self.contract = BrokerContract(type="RabbitMQ", url=self._server.url, max_frames=_MOST_FRAMES, overflow="Block")

    def restart(self) -> None:
        self._server.kill()
        time.sleep(_DOWN_SECONDS)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


BROKERS: dict[str, Callable[[Path], BrokerUnderTest]] = {
    "operator-redis": _operator_redis,
    "external-redis": _external_redis,
    "rabbitmq": _Rabbit,
}
