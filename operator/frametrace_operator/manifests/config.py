"""ConfigMap `…-config`: one key a process. Each pod mounts its own key alone, and its template has that key's hash alone."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.contracts import capture_contract, page_contract, stage_contract
from frametrace_operator.manifests.endpoints import has_page
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import Role, child_name, config_key
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["ProcessFiles", "config", "config_hash", "config_volume", "process_files"]

ProcessFiles = dict[str, str]
"""Contract of every process as JSON text, by its key in the ConfigMap."""


def process_files(pipeline: Pipeline, platform: Platform) -> ProcessFiles:
    """The contracts of all processes of a pipeline."""
    captures = {
        config_key(Role.CAPTURE, camera.id): capture_contract(pipeline, platform, camera)
        for camera in pipeline.spec.cameras
    }
    stages = {config_key(Role.STAGE, stage.name): stage_contract(pipeline, stage) for stage in pipeline.spec.stages}
    page = {config_key(Role.PAGE, ""): page_contract(pipeline)} if has_page(pipeline) else {}
    return {key: contract.model_dump_json(indent=2) for key, contract in (captures | stages | page).items()}


def config(pipeline: Pipeline, files: ProcessFiles) -> Child:
    """The ConfigMap with them all."""
    return render("config_map", pipeline, Role.CONFIG, data=files)


def config_hash(files: ProcessFiles, role: Role, item: str) -> str:
    """16 hexadecimal digits for one process's contract: only a change of it restarts that process."""
    return blake2b(files[config_key(role, item)].encode(), digest_size=8).hexdigest()


def config_volume(pipeline: Pipeline, role: Role, item: str) -> dict[str, Any]:
    """The source of a volume that holds one process's contract as `process.json`."""
    key = {"key": config_key(role, item), "path": "process.json"}
    return {"name": child_name(pipeline, Role.CONFIG), "items": [key]}
