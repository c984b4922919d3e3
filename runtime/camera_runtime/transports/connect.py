"""Connects a process to its pipeline's broker, whichever it is."""

from __future__ import annotations

from collections.abc import Callable

from frame_tracking import Topology
from frametrace_api.contract import BrokerContract, PipelineRef

from camera_runtime.transports.base import Broker

__all__ = ["UnsupportedBrokerError", "connect"]


class UnsupportedBrokerError(Exception):
    """The contract asks for a broker that this runtime has no transport for."""


def connect(
    contract: BrokerContract, pipeline: PipelineRef, topology: Callable[[], Topology], *, replica: str = ""
) -> Broker:
    """Return the pipeline's broker; nothing is connected before the first use.

    Args:
        contract: where it is, and how much it keeps.
        pipeline: whose frames they are.
        topology: returns the live tree of stages; asked again and again.
        replica: this process's name among a stage's replicas (the pod's): a name that stays over a restart takes up
            again at once what its earlier life left unfinished. By default one that no other process has.

    Raises:
        UnsupportedBrokerError: if there is no transport for it here.
    """
    if contract.type != "Redis":
        raise UnsupportedBrokerError(f"this runtime has no transport for broker type {contract.type}")
    from camera_runtime.transports.redis.broker import RedisBroker  # noqa: PLC0415 - an extra of the distribution

    return RedisBroker(contract, pipeline, topology, replica=replica)
