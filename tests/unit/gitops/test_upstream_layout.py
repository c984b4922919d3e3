"""The examples beside the Lua, which Argo CD's own tests read: each has the health, the actions and the result that it names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_api.group import SUSPEND
from frametrace_operator.suspension import suspended_at

from scripts.gitops.snippet import ACTIONS, CUSTOMIZATION, SNIPPET, snippet
from tests.unit.gitops.argo_lua import LuaError, act, discover, health

ACTION_FOLDER = CUSTOMIZATION / "actions"
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


HEALTH = read(CUSTOMIZATION / "health_test.yaml")["tests"]
TESTS = read(ACTION_FOLDER / "action_test.yaml")


@pytest.mark.parametrize("case", HEALTH, ids=lambda case: Path(case["inputPath"]).stem)
def test_health(case: dict[str, Any]) -> None:
    assert health(read(CUSTOMIZATION / case["inputPath"])) == case["healthStatus"]


@pytest.mark.parametrize("case", TESTS["discoveryTests"], ids=lambda case: Path(case["inputPath"]).stem)
def test_discovery(case: dict[str, Any]) -> None:
    offered = [{"name": name} | found for name, found in discover(read(ACTION_FOLDER / case["inputPath"])).items()]

    assert sorted(offered, key=str) == sorted(case["result"], key=str)


@pytest.mark.parametrize(
    "case", TESTS["actionTests"], ids=lambda case: f"{case['action']}-{Path(case['inputPath']).stem}"
)
def test_action(case: dict[str, Any]) -> None:
    given = read(ACTION_FOLDER / case["inputPath"])
    if "expectedErrorMessage" in case:
        with pytest.raises(LuaError, match=f"^{re.escape(case['expectedErrorMessage'])}$"):
            act(case["action"], given)
        return

    assert undated(act(case["action"], given)) == undated(read(ACTION_FOLDER / case["expectedOutputPath"]))


def undated(body: dict[str, Any]) -> dict[str, Any]:
    """The object with each time stamp among its annotations set to one and the same; Lua's empty list is an empty map."""
    notes = body["metadata"].pop("annotations", None) or {}
    return body | {"annotations": {name: _STAMP.sub("a time stamp", value) for name, value in notes.items()}}


def test_an_action_that_discovery_disables_refuses_by_itself_and_one_that_it_offers_does_not() -> None:
    for case in TESTS["discoveryTests"]:
        body = read(ACTION_FOLDER / case["inputPath"])
        refusals = {name for name in ACTIONS if refuses(name, body)}
        assert refusals == {name for name, found in discover(body).items() if found["disabled"]}, case["inputPath"]


def refuses(name: str, body: dict[str, Any]) -> bool:
    try:
        act(name, body)
    except LuaError:
        return True
    return False


def test_every_example_is_read_by_a_test() -> None:
    named = {CUSTOMIZATION / case["inputPath"] for case in HEALTH}
    for case in (*TESTS["discoveryTests"], *TESTS["actionTests"]):
        named |= {ACTION_FOLDER / case[key] for key in ("inputPath", "expectedOutputPath") if key in case}

    assert set(CUSTOMIZATION.rglob("testdata/*.yaml")) == named


def test_the_snippet_has_the_scripts_as_they_stand_in_their_files() -> None:
    data = yaml.safe_load(SNIPPET.read_text(encoding="utf-8"))["data"]
    actions = yaml.safe_load(data["resource.customizations.actions.frametrace.dev_CameraPipeline"])

    assert snippet() == SNIPPET.read_text(encoding="utf-8")
    assert (
        data["resource.customizations.health.frametrace.dev_CameraPipeline"]
        == (CUSTOMIZATION / "health.lua").read_text()
    )
    assert actions["discovery.lua"] == (ACTION_FOLDER / "discovery.lua").read_text()
    assert {found["name"]: found["action.lua"] for found in actions["definitions"]} == {
        path.parent.name: path.read_text() for path in ACTION_FOLDER.glob("*/action.lua")
    }


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T12:00:00Z", "2026-12-31T23:59:59.123456789+01:00", "1999-01-01T00:00:00-08:00",
     "true", "", "yes", "2026", "2026-03-01", "tomorrow", "~", "2026-03-01 12:00:00", "\u00e9t\u00e9",
     "2026-03-01T12:00:00", "2026-03-01t12:00:00z", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00+01", "2026-03-01T12:00:00Z, I said",
     "2026-03-01T12:00:00\u00e9"],
)  # fmt: skip
def test_the_pipeline_is_suspended_already_where_the_operator_obeys_the_annotation(value: str) -> None:
    body = read(ACTION_FOLDER / "testdata" / "running.yaml")
    body["metadata"]["annotations"] = {SUSPEND: value}

    assert discover(body)["suspend"]["disabled"] == bool(suspended_at(body["metadata"]["annotations"]))
    assert refuses("suspend", body) == discover(body)["suspend"]["disabled"]
    assert not refuses("resume", body), "the annotation is there: it can be taken away"
