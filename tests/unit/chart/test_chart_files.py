"""The chart's generated and hand-written files agree with their sources; needs no helm."""

from __future__ import annotations

import json

import yaml
from frametrace_api.pipeline import CameraPipeline

from scripts.chart.__main__ import TEMPLATE, crd_template
from scripts.chart.copies import drifted
from scripts.chart.readme import README, readme
from scripts.chart.resources import PAGE, page
from scripts.chart.value_list import Value, values_of

_CHART = TEMPLATE.parents[1]
#: Kubernetes' own structures: what they may hold, and what they hold by default.
_PLAIN = {"podSecurityContext", "securityContext", "affinity"}
#: What a chart that has this one as a dependency may set; this one reads neither.
_OF_PARENT_CHARTS = {"global", "enabled"}


def test_the_charts_crd_is_the_one_that_the_models_give() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == crd_template(), "run: python -m scripts.chart"


def test_every_value_is_in_the_schema_and_every_property_has_a_default() -> None:
    values = yaml.safe_load((_CHART / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((_CHART / "values.schema.json").read_text(encoding="utf-8"))

    assert set(schema["properties"]) - _OF_PARENT_CHARTS == set(values)
    groups = {
        name
        for name, each in schema["properties"].items()
        if "properties" in each and isinstance(values.get(name), dict)
    }
    for name in groups - _PLAIN:
        assert set(schema["properties"][name]["properties"]) == set(values[name]), name
    assert groups - _PLAIN >= {"images", "crds", "rbac", "networkPolicy", "spread"}


def test_every_value_is_explained() -> None:
    values = values_of((_CHART / "values.yaml").read_text(encoding="utf-8"))

    assert [value.name for value in values if not value.about] == []
    assert len({value.name for value in values}) == len(values) > 40


def test_a_values_files_comments_are_those_of_the_keys_below_them() -> None:
    text = "# A group.\none:\n  # Its member,\n  # told in two lines.\n  two: {a: 1}\n  three: x\n\n# A map.\nfour:\n  five: 5\nsix: []\n"

    assert values_of(text) == [
        Value("one.two", '{"a": 1}', "Its member, told in two lines."),
        Value("one.three", '"x"', "A group."),
        Value("four", '{"five": 5}', "A map."),
        Value("six", "[]", ""),
    ]


def test_readme_and_list_of_objects_are_current() -> None:
    assert README.read_text(encoding="utf-8") == readme(), "run: python -m scripts.chart"
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scripts.chart"


def test_the_pipeline_on_artifact_hub_is_one_that_the_models_take() -> None:
    notes = yaml.safe_load((_CHART / "Chart.yaml").read_text(encoding="utf-8"))["annotations"]

    [example] = yaml.safe_load(notes["artifacthub.io/crdsExamples"])

    assert CameraPipeline.model_validate(example).metadata.name == "try"
    [crd] = yaml.safe_load(notes["artifacthub.io/crds"])
    assert f"name: {crd['name']}" in crd_template()


def test_the_charts_copies_of_rules_and_dashboards_are_what_stands_in_their_files() -> None:
    assert drifted() == [], "run: python -m scripts.chart"
