"""The chart's generated and hand-written files agree with their sources; needs no helm."""

from __future__ import annotations

import json

import yaml

from scripts.chart.__main__ import TEMPLATE, crd_template
from scripts.chart.copies import drifted

_CHART = TEMPLATE.parents[1]


def test_the_charts_crd_is_the_one_that_the_models_give() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == crd_template(), "run: python -m scripts.chart"


def test_every_value_is_in_the_schema_and_every_property_has_a_default() -> None:
    values = yaml.safe_load((_CHART / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((_CHART / "values.schema.json").read_text(encoding="utf-8"))

    assert set(schema["properties"]) - {"global"} == set(values)
    for name in (
        "images",
        "crds",
        "serviceAccount",
        "cameraNetworks",
        "log",
        "podMonitor",
        "prometheusRule",
        "dashboards",
    ):
        assert set(schema["properties"][name]["properties"]) == set(values[name])


def test_the_charts_copies_of_rules_and_dashboards_are_what_stands_in_their_files() -> None:
    assert drifted() == [], "run: python -m scripts.chart"
