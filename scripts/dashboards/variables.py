"""Variables of dashboards: data sources, and what is looked at."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable, TextBoxVariable
from grafana_foundation_sdk.models.dashboard import VariableRefresh, VariableSort

from scripts.dashboards.queries import PROMETHEUS

__all__ = ["choice", "source", "text_box"]


def source(name: str, label: str) -> DatasourceVariable:
    """A data source of the kind that the variable is named after."""
    return DatasourceVariable(name).label(label).type(name)


def choice(name: str, label: str, values: str, *, many: bool = False) -> QueryVariable:
    """Values of a label: `values` is Grafana's `label_values(...)`. `many`: several or all of them."""
    query: dict[str, object] = {"query": values, "refId": name}
    variable = QueryVariable(name).label(label).datasource(PROMETHEUS).query(query).sort(VariableSort.ALPHABETICAL_ASC)
    variable = variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    return variable.multi(multi=True).include_all(include_all=True).all_value(".*") if many else variable


def text_box(name: str, label: str, description: str, default: str = "") -> TextBoxVariable:
    """What somebody types or pastes."""
    return TextBoxVariable(name).label(label).description(description).default_value(default)
