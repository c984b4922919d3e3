"""A pipeline as processes of this machine: see scripts/servers."""

from scripts.servers.pipeline import LocalPipeline, running_pipeline

__all__ = ["LocalPipeline", "running_pipeline"]
