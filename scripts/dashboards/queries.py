"""Queries of panels: PromQL and Jaeger's. Data sources are variables; no name of anybody's stands in a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery as AnyQuery
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

__all__ = ["JAEGER", "PROMETHEUS", "Asked", "JaegerQuery", "heat", "jaeger_search", "jaeger_trace", "now", "over_time"]

PROMETHEUS: Final = DataSourceRef("prometheus", "${prometheus}")
JAEGER: Final = DataSourceRef("jaeger", "${jaeger}")


class JaegerQuery(AnyQuery):
    """A query of Grafana's Jaeger data source; the SDK has no model of it."""

    def __init__(self, **fields: object) -> None:
        self.fields: dict[str, object] = fields
        self.ref_id: str | None = None

    def to_json(self) -> dict[str, object]:
        """As Grafana stores it."""
        return {"refId": self.ref_id, "datasource": JAEGER, **self.fields}


@dataclass(frozen=True, slots=True)
class Asked(Builder[AnyQuery]):
    """A query that is made already."""

    query: AnyQuery

    def build(self) -> AnyQuery:
        """Return it."""
        return self.query


def over_time(expr: str, legend: str = "", *, exemplars: bool = False) -> Asked:
    """A series over the dashboard's time; `exemplars`: with points that open a trace."""
    query = Dataquery().datasource(PROMETHEUS).expr(expr).range().legend_format(legend or "__auto").exemplar(exemplars)
    return Asked(query.build())


def now(expr: str, legend: str = "", *, table: bool = False) -> Asked:
    """Values of now; as a table's rows, or one a series."""
    query = Dataquery().datasource(PROMETHEUS).expr(expr).instant().legend_format(legend or "__auto")
    return Asked(query.format(PromQueryFormat.TABLE if table else PromQueryFormat.TIME_SERIES).build())


def heat(expr: str) -> Asked:
    """A histogram's buckets over time."""
    query = Dataquery().datasource(PROMETHEUS).expr(expr).range().legend_format("{{le}}").exemplar(exemplar=True)
    return Asked(query.format(PromQueryFormat.HEATMAP).build())


def jaeger_search(service: str, tags: str, *, min_duration: str = "", limit: int = 20) -> Asked:
    """A search: traces with a span of this service that has these tags (logfmt), as a table."""
    query = JaegerQuery(queryType="search", service=service, tags=tags, minDuration=min_duration, limit=limit)
    return Asked(query)


def jaeger_trace(trace_id: str) -> Asked:
    """One trace by its ID."""
    return Asked(JaegerQuery(query=trace_id))
