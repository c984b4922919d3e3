"""The broker that a command line's URL means."""

from __future__ import annotations

from urllib.parse import urlsplit

from frame_tracking import Topology
from frametrace_api.contract import BrokerContract, PipelineRef
from telemetry import hide

from camera_runtime.run.contracts import ContractError
from camera_runtime.transports.base import Broker
from camera_runtime.transports.connect import UnsupportedBrokerError, connect

__all__ = ["LOCAL_UID", "broker_at", "broker_type", "hide_password"]

LOCAL_UID = "local"
"""The UID of a pipeline that no API server gave one."""
_TYPES = {"redis": "Redis", "rediss": "Redis", "amqp": "RabbitMQ", "amqps": "RabbitMQ"}


def broker_type(url: str) -> str:
    """Return `Redis` or `RabbitMQ`.

    Raises:
        ContractError: if the URL is of neither.
    """
    found = _TYPES.get(url.partition("://")[0])
    if found is None:
        raise ContractError(f"--broker takes a URL that begins with {', '.join(f'{name}://' for name in _TYPES)}")
    return found


def broker_at(url: str, pipeline: PipelineRef) -> Broker:
    """Return the broker of a pipeline; nothing is connected yet.

    Raises:
        ContractError: if there is no transport for it.
    """
    hide_password(url)
    kind = broker_type(url)
    contract = BrokerContract(type="RabbitMQ" if kind == "RabbitMQ" else "Redis", url=url, overflow="Block")
    try:
        return connect(contract, pipeline, Topology)
    except UnsupportedBrokerError as error:
        raise ContractError(str(error)) from None
    except ImportError as error:
        raise ContractError(f"{error.name} is not installed: pip install 'frametrace[{kind.lower()}]'") from None


def hide_password(url: str) -> None:
    """Keep the password of a broker's URL out of every text from now on."""
    try:
        hide(urlsplit(url).password or "")
    except ValueError:
        return
