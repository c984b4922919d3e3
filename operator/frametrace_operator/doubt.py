"""Doubt: a status that stands is kept as long as the operator itself may be what is blind. Pure. Must not know of writes."""

from frametrace_api.conditions import ConditionType
from frametrace_api.status import CameraPipelineStatus, ConditionStatus

from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline

__all__ = ["kept_in_doubt"]


def kept_in_doubt(found: CameraPipelineStatus, pipeline: Pipeline, seen: Observation) -> CameraPipelineStatus:
    """The status that stands, with what was found of tracing, if pods may be silent by the operator's fault; else what was found.

    An operator that just began has not read all pods yet, and a pod that just began may answer in a moment.
    """
    stands = seen.status
    if stands is None or stands.observed_generation != pipeline.generation:  # nothing was said of this spec yet
        return found
    if seen.flow.unsure or (seen.flow.young and _only_silent(stands, found)):
        return stands.model_copy(update={"tracing": found.tracing})
    return found


def _only_silent(before: CameraPipelineStatus, found: CameraPipelineStatus) -> bool:
    """Whether a pipeline that stands as Ready would be Unknown, for no other reason than that a pod does not answer."""
    was, now = before.condition(ConditionType.READY), found.condition(ConditionType.READY)
    ready, unknown = ConditionStatus.TRUE, ConditionStatus.UNKNOWN
    return was is not None and now is not None and (was.status, now.status) == (ready, unknown)
