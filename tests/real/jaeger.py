"""A real Jaeger: see scripts/servers."""

from scripts.servers.jaeger import JaegerServer

__all__ = ["JaegerServer"]
