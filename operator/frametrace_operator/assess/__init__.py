"""Assess: from what was seen, the status that is true now. Pure; knows the resource's words for every state.

`summary.assess` is the way in. Each part (cameras, stages, broker, traces) is judged in a module of its own.
"""

from frametrace_operator.assess.summary import assess, assess_invalid, retrying

__all__ = ["assess", "assess_invalid", "retrying"]
