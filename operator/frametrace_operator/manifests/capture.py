"""Deployment of a capture: one camera, one pod."""

from __future__ import annotations

from typing import Any

from frame_tracking import CAPTURE_SERVICE
from frametrace_api.cameras import Camera

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.config import ProcessFiles
from frametrace_operator.manifests.contracts import CAMERA_SECRETS, PASSWORD_FILE, USERNAME_FILE
from frametrace_operator.manifests.render import render
from frametrace_operator.manifests.runtime_pod import Process, runtime_pod, secret_volume
from frametrace_operator.naming import Role
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["capture"]


def capture(
    pipeline: Pipeline,
    platform: Platform,
    camera: Camera,
    files: ProcessFiles,
    *,
    instrumented: bool,
    secret: str,
    running: bool,
) -> Child:
    """The Deployment of one camera's capture."""
    settings = pipeline.spec.capture
    process = Process(
        role=Role.CAPTURE,
        item=camera.id,
        service=CAPTURE_SERVICE,
        image=settings.image,
        resources=settings.resources or platform.capture_resources,
        settings=settings.pod_settings,
        env=settings.pod_settings.env if settings.pod_settings is not None else (),
        secrets=_credentials(camera),
    )
    pod = runtime_pod(pipeline, platform, process, files, instrumented=instrumented, secret=secret)
    return render("capture", pipeline, Role.CAPTURE, camera.id, replicas=int(running), **pod)


def _credentials(camera: Camera) -> tuple[tuple[str, dict[str, Any]], ...]:
    reference = camera.source.credentials_secret_ref
    if reference is None:
        return ()
    keys = {USERNAME_FILE: reference.username_key, PASSWORD_FILE: reference.password_key}
    return ((CAMERA_SECRETS, secret_volume(reference.name, keys)),)
