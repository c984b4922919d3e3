"""The dashboards' files as values: what stands in them, not what they are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["DATA_SOURCES", "FILES", "Ask", "asks", "load", "panels", "prometheus_asks", "with_values"]

_FOLDER = Path(__file__).resolve().parents[2] / "dashboards"
FILES = tuple(sorted(_FOLDER.glob("*.json")))
DATA_SOURCES = _FOLDER / "provisioning" / "datasources" / "frametrace.yaml"
_LABEL_VALUES = re.compile(r"label_values\((.+), (\w+)\)")
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")


@dataclass(frozen=True, slots=True)
class Ask:
    """A query and where it stands. `kind`: prometheus or jaeger; `query`: PromQL, or Jaeger's fields."""

    where: str
    kind: str
    query: Any


def load(file: Path) -> dict[str, Any]:
    """Return a dashboard."""
    dashboard: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return dashboard


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the panels but the rows."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def asks(file: Path) -> Iterator[Ask]:
    """Give every query of a dashboard: of panels, variables and annotations."""
    dashboard = load(file)
    for panel in panels(dashboard):
        for target in panel["targets"]:
            kind = target["datasource"]["type"]
            where = f"{file.stem} / {panel['title']} / {target['refId']}"
            yield Ask(where, kind, target["expr"] if kind == "prometheus" else target)
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            found = _LABEL_VALUES.fullmatch(variable["query"]["query"])
            yield Ask(f"{file.stem} / variable {variable['name']}", "prometheus", found[1] if found else "")
    for annotation in dashboard["annotations"].get("list", []) if dashboard.get("annotations") else []:
        yield Ask(f"{file.stem} / annotation {annotation['name']}", "prometheus", annotation["expr"])


def prometheus_asks() -> list[Ask]:
    """Return every PromQL of all dashboards, and those that lead from a span to metrics."""
    found = [ask for file in FILES for ask in asks(file) if ask.kind == "prometheus"]
    sources = yaml.safe_load(DATA_SOURCES.read_text(encoding="utf-8"))["datasources"]
    leads = [query for each in sources for query in each["jsonData"].get("tracesToMetrics", {}).get("queries", [])]
    found += [
        Ask(f"span to metrics / {lead['name']}", "prometheus", lead["query"].replace("$$", "$")) for lead in leads
    ]
    return found


def with_values(text: str, values: dict[str, str]) -> str:
    """Fill variables in, as Grafana does.

    Raises:
        KeyError: if one has no value.
    """
    return _VARIABLE.sub(lambda found: values[found[1] or found[2]], text)
