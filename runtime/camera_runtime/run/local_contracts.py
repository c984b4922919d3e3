"""The contracts of a pipeline's processes, made of the resource itself: what the operator does, for one machine.

Without a cluster there are no images and no pods: `image`, `resources` and `podSettings` but for their env are not used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from frame_tracking import Topology
from frametrace_api import contracts
from frametrace_api.broker import Overflow
from frametrace_api.cameras import Camera
from frametrace_api.contract import (
    BrokerContract,
    CameraContract,
    CaptureContract,
    LiveContract,
    NetworkContract,
    PipelineRef,
    StageContract,
)
from frametrace_api.environment import EnvVar
from frametrace_api.pipeline import CameraPipeline
from frametrace_api.spec import CameraPipelineSpec
from frametrace_api.stages import Stage

from camera_runtime.run.broker_choice import LOCAL_UID, broker_type
from camera_runtime.run.contracts import ContractError
from camera_runtime.run.secret_files import SecretFiles

__all__ = ["LocalContracts", "LocalStage", "local_contracts"]

_ANYWHERE: Final = ("0.0.0.0/0", "::/0", "127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10")
"""The machine's owner runs this: no network is denied."""
_MOST_FRAMES: Final = 1000
_FASTEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class LocalStage:
    """A stage: its contract, its environment, and how many replicas it has."""

    contract: StageContract
    environ: Mapping[str, str]
    replicas: int


@dataclass(frozen=True, slots=True)
class LocalContracts:
    """What a pipeline in one process is made of."""

    pipeline: PipelineRef
    broker: BrokerContract
    captures: tuple[CaptureContract, ...]
    stages: tuple[LocalStage, ...]
    live: LiveContract
    topology: Topology


def local_contracts(
    resource: CameraPipeline, files: Mapping[str, str], secrets: SecretFiles, broker_url: str = ""
) -> LocalContracts:
    """Make the contracts.

    Args:
        resource: the pipeline.
        files: cameras that capture a file, by ID.
        secrets: where Secrets and ConfigMaps are.
        broker_url: of a Redis or RabbitMQ; empty: frames stay in this process.

    Raises:
        ContractError: if a Secret is missing, or the broker's URL is of no kind that is known.
    """
    spec = resource.spec
    pipeline = PipelineRef(namespace=resource.metadata.namespace, name=resource.metadata.name, uid=LOCAL_UID)
    broker = _broker(spec, broker_url)
    topology = Topology.of((stage.name, stage.input) for stage in spec.stages)
    live = contracts.live_contract(spec, topology.revision)
    networks = NetworkContract(allow=_ANYWHERE)
    captures = tuple(
        contracts.capture_contract(spec, pipeline, _camera(index, camera, files, secrets), broker, networks)
        for index, camera in enumerate(spec.cameras)
    )
    stages = tuple(
        _stage(index, stage, contracts.stage_contract(stage, pipeline, broker), secrets)
        for index, stage in enumerate(spec.stages)
    )
    return LocalContracts(pipeline, broker, captures, stages, live, topology)


def _broker(spec: CameraPipelineSpec, url: str) -> BrokerContract:
    rabbit = bool(url) and broker_type(url) == "RabbitMQ"
    rate = float(spec.capture.frames_per_second or _FASTEST)
    seconds = spec.broker.retention.frame_seconds
    overflow = spec.broker.effective_overflow
    if (
        rabbit and overflow is Overflow.DROP_OLDEST
    ):  # RabbitMQ has no such: what the resource says is for its own broker
        overflow = Overflow.DROP_NEWEST
    return BrokerContract(
        type="RabbitMQ" if rabbit else "Redis",
        url=url,
        frame_seconds=seconds,
        max_frames=spec.broker.retention.max_frames or min(max(1, ceil(seconds * rate)), _MOST_FRAMES),
        overflow=overflow.value,
    )


def _camera(index: int, camera: Camera, files: Mapping[str, str], secrets: SecretFiles) -> CameraContract:
    reference, field = camera.source.credentials_secret_ref, f"spec.cameras[{index}].source.credentialsSecretRef"
    username = password = ""  # none is given  # nosec B105
    if reference is not None:
        username = secrets.path(field, reference.name, reference.username_key)
        password = secrets.path(field, reference.name, reference.password_key)
    url = files.get(camera.id, camera.source.captured_url)
    return CameraContract(id=camera.id, url=url, username_file=username, password_file=password)


def _stage(index: int, stage: Stage, contract: StageContract, secrets: SecretFiles) -> LocalStage:
    environ = {
        variable.name: _value(f"spec.stages[{index}] env {variable.name}", variable, secrets)
        for variable in stage.container_env
    }
    return LocalStage(contract, environ, stage.replicas or 1)


def _value(field: str, variable: EnvVar, secrets: SecretFiles) -> str:
    """Return a variable's value; one that this process has already wins over what only a cluster could give."""
    source = variable.value_from
    if source is None:
        return variable.value or ""
    if variable.name in os.environ:
        return os.environ[variable.name]
    selector = source.secret_key_ref or source.config_map_key_ref
    if selector is None:
        raise ContractError(f"{field}: there is no pod to take it from; set {variable.name} before the command")
    return secrets.text(field, selector.name, selector.key)
