"""Whose frame a journey is of: the page shows those of its own pipeline, and no other's. Pure.

A Jaeger may be shared, and whoever may write to it can write anything. So every span that says whose it is must say
this pipeline's name and namespace, and at least one must say so; in doubt, nothing is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from frame_tracking import Attribute, Journey, JourneySpan

__all__ = ["Belonging"]


@dataclass(frozen=True, slots=True)
class Belonging:
    """A pipeline.

    Attributes:
        alone: whether its Jaeger holds nobody else's traces: then a span whose process tells no namespace is its own.
    """

    namespace: str
    name: str
    alone: bool = False

    def owns(self, journey: Journey) -> bool:
        """Tell whether a journey is of a frame of this pipeline."""
        telling = [span for span in journey.spans if Attribute.PIPELINE_NAME in span.attributes]
        return bool(telling) and all(self._is_own(span) for span in telling)

    def _is_own(self, span: JourneySpan) -> bool:
        namespace = span.resource.get(Attribute.K8S_NAMESPACE)
        told = namespace == self.namespace or (namespace is None and self.alone)
        return told and span.attributes[Attribute.PIPELINE_NAME] == self.name
