"""Names of services that owners set while older versions let them. They are not obeyed any more, and that is said. Pure."""

from collections.abc import Iterator

from frametrace_api.environment import SERVICE_NAME, EnvVar
from frametrace_api.pods import PodSettings
from frametrace_api.spec import CameraPipelineSpec

from frametrace_operator.assess.facts import Facts, listed

__all__ = ["disobeyed"]


def disobeyed(facts: Facts) -> str:
    """Where such a name stands, and the way out; empty if none does."""
    fields = [field for field, env in _lists(facts.pipeline.spec) if any(each.name == SERVICE_NAME for each in env)]
    if not fields:
        return ""
    return (
        f"{SERVICE_NAME} in {listed(fields)} is not obeyed any more, for journeys are found by the operator's own names; "
        "remove it: a name of yours can be an attribute, such as app.name=reader in OTEL_RESOURCE_ATTRIBUTES"
    )


def _lists(spec: CameraPipelineSpec) -> Iterator[tuple[str, tuple[EnvVar, ...]]]:
    """Every list of variables, as (field, list)."""
    yield from _of_pods("spec.capture", spec.capture.pod_settings)
    for number, stage in enumerate(spec.stages):
        yield f"spec.stages[{number}].env", stage.env
        yield from _of_pods(f"spec.stages[{number}]", stage.pod_settings)


def _of_pods(field: str, settings: PodSettings | None) -> Iterator[tuple[str, tuple[EnvVar, ...]]]:
    if settings is not None:
        yield f"{field}.podSettings.env", settings.env
