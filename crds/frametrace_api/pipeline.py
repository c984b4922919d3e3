"""A CameraPipeline as a whole, as `kubectl get -o json` shows it. Knows how to read one; must not decide anything."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.rules import Rule, cel_text, matching
from frametrace_api.spec import CameraPipelineSpec
from frametrace_api.status import CameraPipelineStatus

__all__ = ["CameraPipeline", "ObjectMeta"]

_NAME = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME_WORDS = f"a pipeline's name is at most {bounds.MAX_PIPELINE_NAME} lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen"


class ObjectMeta(ApiModel):
    """The part of an object's metadata that Frametrace looks at; the rest is left aside."""

    model_config = ConfigDict(extra="ignore")

    name: str
    """Name of the pipeline."""
    namespace: str = "default"
    """Namespace of the pipeline."""
    uid: str = ""
    """UID that the API server gave it."""
    generation: int = 0
    """Counts the spec's changes."""
    resource_version: str = ""
    """Version of the object."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels."""
    creation_timestamp: AwareDatetime | None = None
    """When it was created."""
    deletion_timestamp: AwareDatetime | None = None
    """When its deletion was asked for."""


class CameraPipeline(ApiModel):
    """Cameras whose every frame is captured, handled in stages and traced."""

    api_version: Literal["frametrace.dev/v1alpha1"] = "frametrace.dev/v1alpha1"
    """frametrace.dev/v1alpha1."""
    kind: Literal["CameraPipeline"] = "CameraPipeline"
    """CameraPipeline."""
    metadata: ObjectMeta
    """Metadata as of every Kubernetes object."""
    spec: CameraPipelineSpec
    """What you ask for: cameras, stages, broker, tracing."""
    status: CameraPipelineStatus | None = None
    """What the operator reports; never written by people."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel=f"self.metadata.name.size() <= {bounds.MAX_PIPELINE_NAME} && self.metadata.name.matches('^{_NAME}$')",
            message=_NAME_WORDS,
            field_path=".metadata.name",
            message_expression=f"{cel_text(f'{_NAME_WORDS}; got ')} + self.metadata.name",
            holds=lambda pipeline: (
                len(pipeline.metadata.name) <= bounds.MAX_PIPELINE_NAME
                and matching(_NAME, _NAME_WORDS).holds(pipeline.metadata.name)
            ),
        ),
    )

    @classmethod
    def from_object(cls, body: Mapping[str, Any]) -> Self:
        """Read what the API server returned. Fields of a newer schema are left aside: the server has already refused what nobody knows.

        Raises pydantic.ValidationError; its text holds field paths and reasons, never values.
        """
        return cls.model_validate(body, extra="ignore")
