"""A broker inside one process: for tests, and for running a pipeline without a cluster."""

from camera_runtime.transports.memory.broker import MemoryBroker

__all__ = ["MemoryBroker"]
