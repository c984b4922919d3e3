"""Panels, and how they are put into rows: every one has a title, a description, a unit and a data source."""

from __future__ import annotations

from typing import Any, Final

from grafana_foundation_sdk.builders import heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard, FieldColor, Panel, Row, ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    DataSourceRef,
    LegendDisplayMode,
    LegendPlacement,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, FieldColorModeId, Threshold, ThresholdsMode

from scripts.dashboards.queries import JAEGER, PROMETHEUS, Asked

__all__ = [
    "SCHEMA",
    "finished",
    "heat_map",
    "lines",
    "link",
    "named",
    "number",
    "rows",
    "states",
    "table_of",
    "trace_panel",
]

SCHEMA: Final = 41
"""Of classic dashboards that Grafana 10 and later read."""

_HEIGHT: Final = 8
_LOW: Final = 4


def number(title: str, description: str, unit: str, query: Asked, *, steps: tuple[tuple[float, str], ...] = ()) -> Any:
    """One value of now; `steps` are (from this value on, colour)."""
    panel = stat.Panel().graph_mode(BigValueGraphMode.NONE).color_mode(BigValueColorMode.VALUE)
    panel = panel.reduce_options(ReduceDataOptions().calcs(["lastNotNull"])).thresholds(_thresholds(steps))
    return _dressed(panel, title, description, (unit, PROMETHEUS), (4, _LOW), query)


def named(title: str, description: str, query: Asked) -> Any:
    """The name of the one series that there is now."""
    panel = stat.Panel().graph_mode(BigValueGraphMode.NONE).text_mode(BigValueTextMode.NAME)
    return _dressed(panel, title, description, ("none", PROMETHEUS), (4, _LOW), query)


def lines(title: str, description: str, unit: str, *queries: Asked, width: int = 8) -> Any:
    """Series over time."""
    legend = (
        VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
    )
    panel = timeseries.Panel().legend(legend).show_points(VisibilityMode.NEVER).fill_opacity(8).min(0)
    return _dressed(panel, title, description, (unit, PROMETHEUS), (width, _HEIGHT), *queries)


def heat_map(title: str, description: str, unit: str, query: Asked, width: int = 8) -> Any:
    """A histogram over time."""
    panel = heatmap.Panel().calculate(calculate=False)
    return _dressed(panel, title, description, (unit, PROMETHEUS), (width, _HEIGHT), query)


def states(title: str, description: str, *queries: Asked, width: int = 12) -> Any:
    """What was when: a bar a series, coloured by its value."""
    panel = (
        statetimeline.Panel()
        .show_value(VisibilityMode.NEVER)
        .thresholds(_thresholds(((0, "transparent"), (1, "blue"))))
    )
    panel = panel.color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    return _dressed(panel, title, description, ("none", PROMETHEUS), (width, _HEIGHT), *queries)


def table_of(
    title: str, description: str, unit: str, query: Asked, *, source: DataSourceRef = PROMETHEUS, width: int = 12,
    links: dict[str, DynamicConfigValue] | None = None,
) -> Any:  # fmt: skip
    """Rows; `links` are links on the columns whose names match a pattern."""
    panel = table.Panel()
    for pattern, value in (links or {}).items():
        panel = panel.override_by_regexp(pattern, [value])
    return _dressed(panel, title, description, (unit, source), (width, _HEIGHT), query)


def trace_panel(kind: str, title: str, description: str, query: Asked, size: tuple[int, int]) -> Any:
    """A trace as Grafana's `traces` (a waterfall) or `nodeGraph`."""
    return _dressed(Panel().type(kind), title, description, ("none", JAEGER), size, query)


def link(title: str, url: str) -> DynamicConfigValue:
    """A link on the cells of a column."""
    return DynamicConfigValue("links", [{"title": title, "url": url, "targetBlank": False}])


def rows(dashboard: Dashboard, **groups: list[Any]) -> Dashboard:
    """Add panels in rows; a row's title is its key, with spaces for underscores."""
    for title, panels in groups.items():
        dashboard = dashboard.with_row(Row(title.replace("_", " ")))
        for panel in panels:
            dashboard = dashboard.with_panel(panel)
    return dashboard


def finished(dashboard: Dashboard) -> Any:
    """Build it: each panel with a number of its own, in the schema that Grafana 10 knows."""
    built = dashboard.build()
    built.schema_version = SCHEMA
    for number_, panel in enumerate(built.panels or (), start=1):
        panel.id_val = number_
    return built


def _dressed(
    panel: Any, title: str, description: str, unit_source: tuple[str, DataSourceRef], size: tuple[int, int], *queries: Asked
) -> Any:  # fmt: skip
    unit, source = unit_source
    panel = panel.title(title).description(description).unit(unit).datasource(source).span(size[0]).height(size[1])
    for name, query in zip("ABCDEFGH", queries, strict=False):
        query.query.ref_id = name  # type: ignore[attr-defined]  # every query has it, their base does not say so
        panel = panel.with_target(query)
    return panel


def _thresholds(steps: tuple[tuple[float, str], ...]) -> ThresholdsConfig:
    found = [Threshold(value=None, color="text"), *(Threshold(value=value, color=color) for value, color in steps)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)
