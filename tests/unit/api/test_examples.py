"""The examples are right for the models and for editors."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml
from frametrace_api.pipeline import CameraPipeline

from tests.e2e.api.resources import ACCEPTED, REFUSED, Refused

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.yaml"))
EDITOR = jsonschema.Draft202012Validator(
    json.loads((ROOT / "docs" / "reference" / "camerapipeline.schema.json").read_text(encoding="utf-8"))
)

TOLD_BY_THE_SCHEMA_ALONE = [
    case
    for case in REFUSED
    if case.name.startswith(
        (
            "ratio_",
            "camera_ratio",
            "camera_id_",
            "unknown_",
            "no_cameras",
            "no_replicas",
            "too_many_cameras",
            "too_many_stages",
            "budget",
            "image",
        )
    )
    and not case.name.endswith(("_together", "_newline"))
]


def pipelines(path: Path) -> list[dict[str, Any]]:
    return [
        document
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if document["kind"] == "CameraPipeline"
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_read_without_an_unknown_field(path: Path) -> None:
    assert [CameraPipeline.model_validate(document).metadata.name for document in pipelines(path)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_editors_find_nothing_wrong(path: Path) -> None:
    assert [error.message for document in pipelines(path) for error in EDITOR.iter_errors(document)] == []


def in_pages() -> list[Any]:
    """Resources that pages show in whole."""
    found = []
    for page in sorted(DOCS.rglob("*.md")):
        for block in re.findall(r"^```ya?ml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            documents = [document for document in yaml.safe_load_all(block) if isinstance(document, dict)]
            found += [
                pytest.param(document, id=page.stem)
                for document in documents
                if document.get("kind") == "CameraPipeline"
            ]
    return found


@pytest.mark.parametrize("document", in_pages())
def test_a_resource_that_a_page_shows_is_a_valid_one(document: dict[str, Any]) -> None:
    assert CameraPipeline.model_validate(document).metadata.name
    assert [error.message for error in EDITOR.iter_errors(document)] == []


def test_the_first_example_is_short() -> None:
    (document,) = pipelines(ROOT / "docs" / "examples" / "camera.yaml")

    assert set(document["spec"]) == {"cameras", "stages"}


@pytest.mark.parametrize("name", sorted(set(ACCEPTED) - {"nulls"}))  # editors mark a key without a value
def test_editors_accept_what_the_api_server_accepts(name: str) -> None:
    assert [error.message for error in EDITOR.iter_errors(ACCEPTED[name])] == []


@pytest.mark.parametrize("case", TOLD_BY_THE_SCHEMA_ALONE, ids=lambda case: case.name)
def test_editors_mark_what_a_pattern_or_a_list_of_words_can_tell(case: Refused) -> None:
    assert list(EDITOR.iter_errors(case.resource()))
