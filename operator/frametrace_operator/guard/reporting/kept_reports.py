"""Which reports of rollbacks stay in the cluster: the last few of a pipeline. Pure; must not know what is in them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from frametrace_operator.manifests import ChildKey
from frametrace_operator.observation import Observation

__all__ = ["REPORTS_KEPT", "ROLLBACK_ID", "is_report", "newest_report", "surplus_reports"]

ROLLBACK_ID: Final = "frametrace.dev/rollback-id"
"""Annotation of a report: the rollback that it is of."""

REPORTS_KEPT: Final = 5


def surplus_reports(seen: Observation) -> Iterator[ChildKey]:
    """Keys of the reports beyond the last few."""
    yield from _newest_first(seen)[REPORTS_KEPT:]


def newest_report(seen: Observation) -> Mapping[str, Any] | None:
    """The ConfigMap of the last rollback, or None if no report is kept."""
    return next((seen.live[key] for key in _newest_first(seen)), None)


def _newest_first(seen: Observation) -> list[ChildKey]:
    reports = {key: body for key, body in seen.live.items() if is_report(body)}
    return sorted(reports, key=lambda key: _age(reports[key]), reverse=True)


def is_report(body: Mapping[str, Any]) -> bool:
    """Whether an object is a report, of whichever rollback."""
    return ROLLBACK_ID in (body["metadata"].get("annotations") or {})


def _age(body: Mapping[str, Any]) -> tuple[str, str]:
    metadata = body["metadata"]
    return str(metadata.get("creationTimestamp", "")), str(metadata["annotations"][ROLLBACK_ID])
