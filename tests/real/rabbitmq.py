"""A real RabbitMQ: see scripts/servers."""

from scripts.servers.rabbitmq import FAST_FOLDER, RabbitServer

__all__ = ["FAST_FOLDER", "RabbitServer"]
