"""A real API server takes the CRD, and accepts and refuses resources with words that help."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_api import group
from frametrace_api.crd import crd_document
from frametrace_api.pipeline import CameraPipeline

from tests.e2e.api.resources import (
    ACCEPTED,
    EXTERNAL_JAEGER,
    REFUSED,
    Refused,
    largest,
    minimal,
    patched,
)

pytestmark = pytest.mark.cluster

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "examples").glob("*.yaml"))
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
MERGE_PATCH = "application/merge-patch+json"


def test_at_least_forty_bad_resources_with_names_of_their_own() -> None:
    assert len({case.name for case in REFUSED}) == len(REFUSED) >= 40


def test_the_crd_is_established_without_complaint(crd: dict[str, Any]) -> None:
    conditions = {item["type"]: item["status"] for item in crd["status"]["conditions"]}
    assert conditions["NamesAccepted"] == "True"
    assert conditions.get("NonStructuralSchema", "False") == "False"
    assert crd["spec"]["names"]["shortNames"] == ["cpl"]


def test_the_crd_fits_what_kubectl_apply_stores(crd: dict[str, Any]) -> None:
    assert len(json.dumps(crd_document())) < 262_144


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_bad_resource_is_refused(server: Any, case: Refused) -> None:
    status = server.refusal(case.resource())

    fields = [cause.get("field", "") for cause in status.get("details", {}).get("causes", ())]
    assert case.words in status["message"]
    assert case.field in status["message"]
    assert status["code"] == 400 or any(case.field in field for field in fields), fields


@pytest.mark.parametrize("name", ["url_with_password", "url_with_password_before_test"])
def test_a_refused_password_is_not_repeated(server: Any, name: str) -> None:
    (case,) = (case for case in REFUSED if case.name == name)

    assert "s3cret" not in json.dumps(server.refusal(case.resource()))


@pytest.mark.parametrize("name", ACCEPTED)
def test_good_resource_is_accepted_and_read(server: Any, name: str) -> None:
    stored = server.accepted(ACCEPTED[name])

    assert CameraPipeline.from_object(stored).spec.cameras


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_accepted(server: Any, path: Path) -> None:
    pipelines = [
        document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document["kind"] == group.KIND
    ]

    assert pipelines
    for pipeline in pipelines:
        server.accepted(pipeline)


def test_the_largest_resource_is_stored_and_changed(server: Any) -> None:
    resource = largest()

    server.create(resource)
    changed = server.call(
        "PATCH",
        f"{server.path}/{resource['metadata']['name']}",
        {"spec": {"mode": "Suspended"}},
        content_type=MERGE_PATCH,
    )

    assert changed["spec"]["mode"] == "Suspended"


def test_defaults_are_filled_in_outside_lists_and_backends_only(server: Any) -> None:
    stored = server.accepted(minimal())["spec"]

    assert stored["cameras"] == minimal()["spec"]["cameras"]
    assert stored["stages"] == minimal()["spec"]["stages"]
    assert "backend" not in stored["tracing"]
    assert stored["broker"] == {"type": "Redis", "retention": {"frameSeconds": 60}}
    assert stored["tracing"]["guard"]["recovery"]["afterSeconds"] == 900


def test_what_the_server_fills_in_is_what_the_models_fill_in(server: Any) -> None:
    stored = CameraPipeline.from_object(server.accepted(minimal()))

    assert stored.spec == CameraPipeline.from_object(minimal()).spec


def test_a_managed_backend_is_exchanged_for_an_external_one_by_apply(server: Any) -> None:
    managed = patched(minimal("exchange"), {"/spec/tracing/backend/managed": {"storage": "Badger"}})
    external = patched(minimal("exchange"), {"/spec/tracing/backend/external": EXTERNAL_JAEGER})

    server.apply(managed)

    assert server.apply(external)["spec"]["tracing"]["backend"] == {"external": EXTERNAL_JAEGER}


def test_the_table_shows_the_columns_people_look_for(server: Any) -> None:
    table = server.call("GET", server.path, accept=TABLE)
    narrow = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]

    assert narrow == ["Name", "Ready", "Tracing", "Complete", "Cameras", "Stages", "Age"]


def test_status_is_written_apart_and_selects(server: Any) -> None:
    server.create(minimal("selected"))
    status = {
        "observedGeneration": 1,
        "camerasReady": "1/1",
        "stagesReady": "2/2",
        "tracing": {"state": "RolledBack", "completenessPercent": "98.5"},
    }

    written = server.call("PATCH", f"{server.path}/selected/status", {"status": status}, content_type=MERGE_PATCH)
    found = server.call("GET", server.path, fieldSelector="status.tracing.state=RolledBack")

    assert written["status"] == status
    assert [item["metadata"]["name"] for item in found["items"]] == ["selected"]
