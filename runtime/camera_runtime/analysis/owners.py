"""Whose frame a journey is of: a Jaeger may have traces of several pipelines, and of other programs. Pure."""

from __future__ import annotations

from typing import NamedTuple

from frame_tracking import Attribute, Journey

__all__ = ["Owner", "owner_of"]


class Owner(NamedTuple):
    """A pipeline; what its spans do not tell is empty, as the namespace is outside of a cluster."""

    namespace: str = ""
    pipeline: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in self if part) or "(no name)"


def owner_of(journey: Journey) -> Owner:
    """Return the pipeline that the first span tells which tells one."""
    for span in journey.spans:
        name = span.attributes.get(Attribute.PIPELINE_NAME)
        if name is not None:
            return Owner(str(span.resource.get(Attribute.K8S_NAMESPACE, "")), str(name))
    return Owner()
