"""RedisBroker: makes the producers and consumers of one pipeline. A composition root: the only importer of redis' parts."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from frame_tracking import FrameID, Topology
from frametrace_api.contract import BrokerContract, PipelineRef

from camera_runtime.transports.redis.connection import RedisLink
from camera_runtime.transports.redis.consumer import RedisConsumer
from camera_runtime.transports.redis.finished import Herald
from camera_runtime.transports.redis.keys import Keys
from camera_runtime.transports.redis.producer import RedisProducer
from camera_runtime.transports.redis.settings import Settings

__all__ = ["RedisBroker"]

_PRODUCER_ANSWER_SECONDS = 2.0
_CONSUMER_ANSWER_SECONDS = 5.0


class RedisBroker:
    """A `Broker` over Redis. Every producer has a connection of its own, every consumer two.

    Args:
        contract: where the broker is, and how much it keeps.
        pipeline: whose keys are used.
        topology: returns the live tree of stages.
        replica: this process's name among a stage's replicas; by default one that no other process has.
        removed_seconds: see `Settings`.
        lost_after_seconds: see `Settings`.
    """

    def __init__(
        self,
        contract: BrokerContract,
        pipeline: PipelineRef,
        topology: Callable[[], Topology],
        *,
        replica: str = "",
        removed_seconds: float = 120.0,
        lost_after_seconds: float = 5.0,
    ) -> None:
        name = replica or f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(4)}"
        self._settings = Settings(
            contract, Keys.of(pipeline), topology, name, removed_seconds, lost_after_seconds=lost_after_seconds
        )
        self._replicas: Counter[str] = Counter()
        self._links: list[RedisLink] = []
        self._heralds: list[Herald] = []
        self._own = self._link(_PRODUCER_ANSWER_SECONDS)

    @property
    def system(self) -> str:
        """What spans call it."""
        return "redis"

    def producer(self, camera: str, hop: str) -> RedisProducer:
        """Return what hands `camera`'s frames on from `hop`."""
        return RedisProducer(self._settings, self._link(_PRODUCER_ANSWER_SECONDS), camera, hop)

    def consumer(self, stage: str, upstream: str, *, claim_after_seconds: float = 35.0) -> RedisConsumer:
        """Return what receives for `stage`."""
        self._replicas[stage] += 1
        number = self._replicas[stage]
        name = self._settings.replica if number == 1 else f"{self._settings.replica}-{number}"
        settings = replace(self._settings, replica=name)
        links = (self._link(_CONSUMER_ANSWER_SECONDS), self._link(_PRODUCER_ANSWER_SECONDS))
        consumer = RedisConsumer(settings, links, (stage, upstream), claim_after_seconds)
        self._heralds.append(consumer.herald)
        return consumer

    def picture(self, frame_id: FrameID, hop: str) -> bytes | None:
        """Return the picture that `hop` stored of a frame; None once it is gone."""
        key = self._settings.keys.picture(frame_id, hop)
        found: Any = self._own.call(lambda client: client.get(key))
        return None if found is None else bytes(found)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._own.call(lambda client: client.ping())

    def close(self) -> None:
        """Let go of all connections."""
        for herald in self._heralds:
            herald.close()
        for link in self._links:
            link.close()

    def _link(self, answer_seconds: float) -> RedisLink:
        link = RedisLink(self._settings.contract, answer_seconds=answer_seconds)
        self._links.append(link)
        return link
