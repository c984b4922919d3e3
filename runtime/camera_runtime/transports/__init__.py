"""How frames get from hop to hop: the seam and its implementations."""

from camera_runtime.transports.base import (
    Broker,
    BrokerProblem,
    BrokerUnavailableError,
    Consumer,
    Delivery,
    Dropped,
    Producer,
    Sent,
)
from camera_runtime.transports.connect import UnsupportedBrokerError, connect

__all__ = [
    "Broker",
    "BrokerProblem",
    "BrokerUnavailableError",
    "Consumer",
    "Delivery",
    "Dropped",
    "Producer",
    "Sent",
    "UnsupportedBrokerError",
    "connect",
]
