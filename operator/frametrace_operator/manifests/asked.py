"""What in a resource the pods of a role depend on, as a hash that is the same for every operator version.

It tells a changed resource, which is carried out at once, from a new operator version, which may have to wait. What is
read live (ratios) and the numbers of pods are not in it. Too much in it would only let an upgrade ride on a change.

Limits and sizes are derived from many fields, and seldom change with them. With those fields in the hash each new camera
would take an upgrade along; so what is derived has a hash of its own, which says by which arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from frametrace_api.base import ApiModel
from frametrace_api.spec import CameraPipelineSpec

from frametrace_operator.manifests.child import short_hash
from frametrace_operator.manifests.environment import SDK_DISABLED
from frametrace_operator.manifests.sizing import ARITHMETIC, jaeger_size, max_frames, redis_size
from frametrace_operator.naming import BROKER_SECRET, PURGE_GENERATION, Role

__all__ = ["derived_anew", "derived_hash", "spec_hash"]


def spec_hash(spec: CameraPipelineSpec, role: Role, item: str, template: Mapping[str, Any]) -> str:
    """16 hexadecimal digits; `item` is the camera ID or the stage name, `template` that of the pods."""
    shared = {"broker": _written(spec.broker), "tracing": _tracing(spec), "rolledBack": _urgent(template)}
    return short_hash(_own(spec, role, item) | shared)


def derived_hash(spec: CameraPipelineSpec, role: Role) -> str:
    """What is derived from the resource for the pods of a role: the arithmetic's version, and 16 hexadecimal digits."""
    return f"{ARITHMETIC}-{short_hash(_derived(spec, role))}"


def derived_anew(before: str, now: str) -> bool:
    """Whether the resource itself asks for other limits or sizes: by the same arithmetic something else comes out."""
    return before != now and before.partition("-")[0] == now.partition("-")[0]


def _derived(spec: CameraPipelineSpec, role: Role) -> dict[str, Any]:
    if role is Role.REDIS:
        return asdict(redis_size(spec))
    if role is Role.JAEGER:
        return asdict(jaeger_size(spec))
    frames = {"frames": max_frames(spec)}
    return frames | ({"traces": jaeger_size(spec).max_traces} if role is Role.PAGE else {})


def _urgent(template: Mapping[str, Any]) -> list[str]:
    """What waits for nobody's approval: tracing that is taken out of pods and cleared from Jaeger, a password that was lost."""
    env = [variable for container in template["spec"]["containers"] for variable in container.get("env") or ()]
    annotations = template["metadata"].get("annotations") or {}
    begun = (annotations.get(name) for name in (PURGE_GENERATION, BROKER_SECRET))
    return [*(each["value"] for each in env if each["name"] == SDK_DISABLED), *filter(None, begun)]


def _own(spec: CameraPipelineSpec, role: Role, item: str) -> dict[str, Any]:
    if role is Role.STAGE:
        stage = _written(spec.stage(item))
        return {"stage": {key: value for key, value in stage.items() if key != "replicas"}}
    if role is Role.CAPTURE:
        source = next(camera.source for camera in spec.cameras if camera.id == item)
        return {"source": _written(source), "capture": _written(spec.capture), "pictures": _written(spec.pictures)}
    if role is Role.PAGE:
        return {"pictures": _written(spec.pictures)}
    # A managed server is sized by these, in powers of two; its own settings are in `broker` and `tracing`.
    spans = 2 * len(spec.stages) + 4
    return {"cameras": _steps(len(spec.cameras)), "spans": _steps(spans), "capture": _written(spec.capture)}


def _steps(number: int) -> int:
    """How many doublings reach the number: a camera or a stage more is seldom another size."""
    return (number - 1).bit_length()


def _tracing(spec: CameraPipelineSpec) -> dict[str, Any]:
    tracing = spec.tracing
    backend = _written(tracing.backend)
    return {"mode": tracing.mode.value, "backend": backend, "retention": _written(tracing.retention)}


def _written(model: ApiModel) -> dict[str, Any]:
    """Without defaults, so that a field which a new version knows changes nothing until somebody sets it."""
    return model.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
