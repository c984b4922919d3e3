"""Deployment of a stage: any number of pods that share its work."""

from __future__ import annotations

from frametrace_api.stages import Stage

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.config import ProcessFiles
from frametrace_operator.manifests.render import render
from frametrace_operator.manifests.runtime_pod import Process, runtime_pod
from frametrace_operator.naming import REPLICAS, Role
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["stage"]


def stage(
    pipeline: Pipeline,
    platform: Platform,
    stage: Stage,
    files: ProcessFiles,
    *,
    instrumented: bool,
    secret: str,
    running: bool,
) -> Child:
    """The Deployment of one stage. Without `replicas` in the resource it has none either: an autoscaler owns them.

    The annotation `REPLICAS` has the number too: it tells a change of the resource from one by an autoscaler.
    """
    process = Process(
        role=Role.STAGE,
        item=stage.name,
        service=stage.name,
        image=stage.image,
        resources=stage.resources or platform.stage_resources,
        settings=stage.pod_settings,
        env=stage.container_env,
    )
    pod = runtime_pod(pipeline, platform, process, files, instrumented=instrumented, secret=secret)
    replicas = stage.replicas if running else 0
    notes = {} if replicas is None else {REPLICAS: str(replicas)}
    return render("stage", pipeline, Role.STAGE, stage.name, notes=notes, replicas=replicas, surge=_surge(stage), **pod)


def _surge(stage: Stage) -> dict[str, int]:
    """New pods before old ones, so that work never pauses; the other way round where both need one claim."""
    volumes = stage.pod_settings.volumes if stage.pod_settings is not None else ()
    claimed = any(volume.persistent_volume_claim is not None for volume in volumes)
    return {"maxUnavailable": int(claimed), "maxSurge": int(not claimed)}
