"""Suspension: a pipeline rests by its spec, or by an annotation, which leaves the spec as it stands in Git. Pure.

The annotation holds as long as it is there: it is a state, not a request. It cannot wake what the spec suspends.
"""

from collections.abc import Mapping

from frametrace_api.bounds import MAX_LABEL_VALUE
from frametrace_api.group import SUSPEND
from frametrace_api.spec import PipelineMode

from frametrace_operator.time_stamps import refusal, time_stamp

__all__ = ["mode_of", "refused", "suspended_at"]


def mode_of(mode: PipelineMode, annotations: Mapping[str, str]) -> PipelineMode:
    """The mode that is carried out, where the spec says `mode`."""
    return PipelineMode.SUSPENDED if suspended_at(annotations) else mode


def suspended_at(annotations: Mapping[str, str]) -> str:
    """The annotation's time stamp; empty if there is none, or one that is refused."""
    value = _value(annotations)
    return value if time_stamp(value) is not None else ""


def refused(annotations: Mapping[str, str]) -> str:
    """Why the annotation that stands there does not suspend, a sentence; empty if it does, or there is none."""
    return refusal(SUSPEND, _value(annotations))


def _value(annotations: Mapping[str, str]) -> str:
    return str(annotations.get(SUSPEND, ""))[:MAX_LABEL_VALUE]
