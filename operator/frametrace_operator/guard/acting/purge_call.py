"""What an owner's webhook is told when traces are to be cleared. Pure."""

from collections.abc import Iterable, Iterator

from frame_tracking import CAPTURE_SERVICE
from frametrace_api.environment import SERVICE_NAME, EnvVar
from frametrace_api.status_tracing import TracingStatus

from frametrace_operator.guard.acting.purger import PurgeCall
from frametrace_operator.guard.deciding.purging import UNDER_WAY, by_hook, is_about
from frametrace_operator.pipeline import Pipeline

__all__ = ["purge_call"]


def purge_call(pipeline: Pipeline, status: TracingStatus | None) -> PurgeCall | None:
    """The call for the last rollback; None where none is to be made (any more)."""
    external = pipeline.spec.tracing.backend.external
    last = status.last_rollback if status is not None else None
    if status is None or last is None or last.purge not in UNDER_WAY or not is_about(last, pipeline):
        return None
    if external is None or external.purge is None or not by_hook(pipeline, status.state):
        return None
    body = {
        "namespace": pipeline.namespace,
        "pipeline": pipeline.name,
        "pipelineUID": pipeline.uid,
        "rollback": last.id,
        "services": _services(pipeline),
    }
    return PurgeCall(last.id, external.purge.webhook, body)


def _services(pipeline: Pipeline) -> list[str]:
    """Names under which the pipeline's spans stand in Jaeger. Captures of other pipelines may have the same.

    Under a name of the owner's own, which older versions obeyed, there may be spans of before the upgrade.
    """
    spec = pipeline.spec
    settings = spec.capture.pod_settings
    env = [*(settings.env if settings is not None else ())]
    env += (variable for stage in spec.stages for variable in stage.container_env)
    return sorted({CAPTURE_SERVICE, *(stage.name for stage in spec.stages), *_own_names(env)})


def _own_names(env: Iterable[EnvVar]) -> Iterator[str]:
    return (variable.value for variable in env if variable.name == SERVICE_NAME and variable.value)
