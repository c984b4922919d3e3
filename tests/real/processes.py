"""Starting and ending real servers: see scripts/servers."""

from scripts.servers.processes import free_port, stop, wait_for

__all__ = ["free_port", "stop", "wait_for"]
