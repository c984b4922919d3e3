"""Connects a process to its pipeline's broker, whichever it is."""

from __future__ import annotations

from collections.abc import Callable

from frame_tracking import Topology
from frametrace_api.contract import BrokerContract, PipelineRef

from camera_runtime.transports.base import Broker

__all__ = ["UnsupportedBrokerError", "connect"]


class UnsupportedBrokerError(Exception):
    """The contract asks for a broker, or a use of it, that this runtime has no transport for."""


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
    try:
        if contract.type == "RabbitMQ":
            return _rabbitmq(contract, pipeline, topology)
        from camera_runtime.transports.redis.broker import RedisBroker  # noqa: PLC0415 - an extra of the distribution

        return RedisBroker(contract, pipeline, topology, replica=replica)
    except ModuleNotFoundError as error:
        extra = contract.type.lower()
        raise UnsupportedBrokerError(
            f"no transport for broker type {contract.type} is installed ({error.name} is missing): pip install frametrace[{extra}]"
        ) from None


def _rabbitmq(contract: BrokerContract, pipeline: PipelineRef, topology: Callable[[], Topology]) -> Broker:
    if contract.overflow == "DropOldest":
        raise UnsupportedBrokerError("RabbitMQ has no overflow DropOldest: use DropNewest or Block")
    from camera_runtime.transports.rabbitmq.broker import RabbitBroker  # noqa: PLC0415 - an extra of the distribution

    return RabbitBroker(contract, pipeline, topology)
