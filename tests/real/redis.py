"""A real Redis: see scripts/servers."""

from scripts.servers.redis import RedisServer

__all__ = ["RedisServer"]
