"""One stage of a pipeline: what it reads, what it runs, how often it tries. Must not know the tree it stands in."""

from typing import Annotated, ClassVar

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.environment import EnvList, EnvVar, merged_env
from frametrace_api.numbers import Between
from frametrace_api.pods import PodSettings
from frametrace_api.resources import Resources
from frametrace_api.rules import Rule, matching
from frametrace_api.scalars import ImageReference, StageInput, StageName

__all__ = ["BUILT_IN_HANDLERS", "CAPTURE", "Stage"]

CAPTURE = "capture"
"""The input that means the cameras themselves."""

BUILT_IN_HANDLERS = ("motion", "resize", "archive")

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_HANDLER_WORDS = "a handler is <module>:<function or class> in the stage's image, such as detect.people:Detector, or built in: motion, resize, archive"

Handler = Annotated[
    str,
    Field(min_length=1, max_length=256),
    matching(rf"{_NAME}(\.{_NAME})*:{_NAME}(\.{_NAME})*|{'|'.join(BUILT_IN_HANDLERS)}", _HANDLER_WORDS),
]


class Stage(ApiModel):
    """A stage."""

    name: StageName
    """Name of the stage, unique in the pipeline: lower-case letters, digits and hyphens, at most 32; not capture or rtsp-capture. It is the service name of its spans."""
    input: StageInput = CAPTURE
    """What the stage reads: capture (the cameras' frames), or the name of a stage before it in the list, whose results it gets. Several stages may read one input. Left out: capture."""
    image: ImageReference | None = None
    """Image with the handler and the Frametrace runtime. Left out: the operator's runtime image, which has the built-in handlers."""
    handler: Handler
    """What is called for each frame: motion, resize or archive (built in), or <module>:<function or class> in the stage's image."""
    replicas: Annotated[int, Between(1, 100)] | None = None
    """Number of pods that share the work; once an autoscaler or kubectl scale sets another, that one stands until this is changed. Left out: 1 at first, and then whatever a HorizontalPodAutoscaler or KEDA makes of it."""
    max_deliveries: Annotated[int, Between(1, 100)] = 5
    """How often a frame is handed to the handler before it is put aside as a dead letter. Left out: 5."""
    handler_timeout_seconds: Annotated[int, Between(1, 3600)] = 30
    """Seconds that a handler may work on one frame before the attempt counts as failed. Left out: 30."""
    env: EnvList = ()
    """Environment variables of the stage's container; over podSettings.env where the names are the same. Left out: none."""
    resources: Resources | None = None
    """CPU and memory of each of the stage's containers, as in a Pod. Left out: what the operator's chart sets."""
    pod_settings: PodSettings | None = None
    """Where the stage's pods run, and what is added to them. Left out: nothing."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="has(self.image) || !self.handler.contains(':')",
            message="the operator's runtime image has only the handlers motion, resize and archive; set image to one that has this handler",
            message_expression="'the operator\\'s runtime image has only the handlers motion, resize and archive; set image to one that has ' + self.handler",
            holds=lambda stage: stage.image is not None or ":" not in stage.handler,
            field_path=".handler",
        ),
        Rule(
            cel=f"(has(self.env) ? self.env.size() : 0) + (has(self.podSettings) && has(self.podSettings.env) ? self.podSettings.env.size() : 0) <= {bounds.MAX_ENV}",
            message=f"a container has at most {bounds.MAX_ENV} variables, env and podSettings.env together; move some into a ConfigMap that the handler reads",
            holds=lambda stage: (
                len(stage.env) + len(stage.pod_settings.env if stage.pod_settings else ()) <= bounds.MAX_ENV
            ),
            field_path=".env",
        ),
    )

    @property
    def container_env(self) -> tuple[EnvVar, ...]:
        """The variables of the stage's container: its own over those of podSettings."""
        return merged_env(self.pod_settings.env if self.pod_settings else (), self.env)
