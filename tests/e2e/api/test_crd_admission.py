"""A real API server takes the CRD, and accepts and refuses resources with words that help."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_api import group
from frametrace_api.crd import crd_document
from frametrace_api.pipeline import CameraPipeline
from kubernetes import client, config

from tests.e2e.api.resources import (
    ACCEPTED,
    EXTERNAL_JAEGER,
    REFUSED,
    URL,
    Refused,
    Resource,
    largest,
    minimal,
    patched,
)

pytestmark = pytest.mark.cluster

EXAMPLES = sorted(Path("docs/examples").glob("*.yaml"))
MANAGER = "crd-admission-test"
JSON = "application/json"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Server:
    """The API server, as far as these tests need it: plain requests, so that its own words are seen."""

    api: client.ApiClient
    namespace: str = "default"

    @property
    def path(self) -> str:
        return f"/apis/{group.GROUP}/{group.VERSION}/namespaces/{self.namespace}/{group.PLURAL}"

    def request(
        self, method: str, path: str, body: Any = None, *, content_type: str = JSON, accept: str = JSON, **query: str
    ) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer."""
        headers = {"Accept": accept, "Content-Type": content_type}
        method, url, headers, _, _ = self.api.param_serialize(
            method, path, query_params=list(query.items()), header_params=headers, auth_settings=["BearerToken"]
        )
        content = None if body is None else json.dumps(body)
        answer = self.api.rest_client.pool_manager.request(method, url, body=content, headers=headers, timeout=60)
        return answer.status, json.loads(answer.data)

    def call(self, method: str, path: str, body: Any = None, **options: str) -> dict[str, Any]:
        """The answer to what must succeed."""
        status, answer = self.request(method, path, body, **options)
        assert status < 300, answer.get("message")
        return answer

    def attempt(self, resource: Resource) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer of a creation that is not carried out."""
        body = patched(resource, {"/metadata/namespace": self.namespace})
        return self.request("POST", self.path, body, fieldValidation="Strict", dryRun="All")

    def refusal(self, resource: Resource) -> dict[str, Any]:
        status, answer = self.attempt(resource)
        assert status in (400, 422), answer
        return answer

    def accepted(self, resource: Resource) -> dict[str, Any]:
        status, answer = self.attempt(resource)
        assert status == 201, answer.get("message")
        return answer

    def create(self, resource: Resource) -> dict[str, Any]:
        return self.call("POST", self.path, patched(resource, {"/metadata/namespace": self.namespace}))

    def apply(self, resource: Resource) -> dict[str, Any]:
        body = patched(resource, {"/metadata/namespace": self.namespace})
        return self.call(
            "PATCH",
            f"{self.path}/{resource['metadata']['name']}",
            body,
            content_type=APPLY_PATCH,
            fieldManager=MANAGER,
            force="true",
        )


@pytest.fixture(scope="session")
def api(kubeconfig: Path) -> Iterator[client.ApiClient]:
    with config.new_client_from_config(config_file=str(kubeconfig)) as connected:  # type: ignore[no-untyped-call]  # it ships no types
        yield connected


def until(what: str, done: Callable[[], Any]) -> Any:
    """Ask again, at most 30 s, until the answer is true."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(0.1)
    return pytest.fail(f"{what}: not within 30 s")


@pytest.fixture(scope="session")
def crd(api: client.ApiClient) -> dict[str, Any]:
    """The CRD of this checkout, by server-side apply as GitOps tools do it, as the API server established it."""
    connected, path = Server(api), f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{group.CRD_NAME}"
    connected.call("PATCH", path, crd_document(), content_type=APPLY_PATCH, fieldManager=MANAGER, force="true")

    def established() -> dict[str, Any] | None:
        document = connected.call("GET", path)
        conditions = {item["type"]: item["status"] for item in document.get("status", {}).get("conditions", ())}
        return document if conditions.get("Established") == "True" else None

    return dict(until("the API server establishes the CRD", established))


@pytest.fixture(scope="session")
def server(api: client.ApiClient, crd: dict[str, Any]) -> Iterator[Server]:
    """The API server with the CRD in force and a namespace for these tests."""
    connected = Server(api, f"crd-admission-{uuid.uuid4().hex[:8]}")
    namespaces = "/api/v1/namespaces"
    connected.call("POST", namespaces, {"metadata": {"name": connected.namespace}})
    until("the API server takes a pipeline", lambda: connected.attempt(minimal())[0] == 201)
    until(
        "the newest schema is in force", lambda: connected.attempt(patched(minimal(), {URL: "rtsp://a:b@c"}))[0] == 422
    )
    yield connected
    connected.call("DELETE", connected.path)
    connected.call("DELETE", f"{namespaces}/{connected.namespace}")


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
def test_bad_resource_is_refused(server: Server, case: Refused) -> None:
    status = server.refusal(case.resource())

    fields = [cause.get("field", "") for cause in status.get("details", {}).get("causes", ())]
    assert case.words in status["message"]
    assert case.field in status["message"]
    assert status["code"] == 400 or any(case.field in field for field in fields), fields


@pytest.mark.parametrize("name", ["url_with_password", "url_with_password_before_test"])
def test_a_refused_password_is_not_repeated(server: Server, name: str) -> None:
    (case,) = (case for case in REFUSED if case.name == name)

    assert "s3cret" not in json.dumps(server.refusal(case.resource()))


@pytest.mark.parametrize("name", ACCEPTED)
def test_good_resource_is_accepted_and_read(server: Server, name: str) -> None:
    stored = server.accepted(ACCEPTED[name])

    assert CameraPipeline.from_object(stored).spec.cameras


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_accepted(server: Server, path: Path) -> None:
    pipelines = [
        document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document["kind"] == group.KIND
    ]

    assert pipelines
    for pipeline in pipelines:
        server.accepted(pipeline)


def test_the_largest_resource_is_stored_and_changed(server: Server) -> None:
    resource = largest()

    server.create(resource)
    changed = server.call(
        "PATCH",
        f"{server.path}/{resource['metadata']['name']}",
        {"spec": {"mode": "Suspended"}},
        content_type=MERGE_PATCH,
    )

    assert changed["spec"]["mode"] == "Suspended"


def test_defaults_are_filled_in_outside_lists_and_backends_only(server: Server) -> None:
    stored = server.accepted(minimal())["spec"]

    assert stored["cameras"] == minimal()["spec"]["cameras"]
    assert stored["stages"] == minimal()["spec"]["stages"]
    assert "backend" not in stored["tracing"]
    assert stored["broker"] == {"type": "Redis", "retention": {"frameSeconds": 60}}
    assert stored["tracing"]["guard"]["recovery"]["afterSeconds"] == 900


def test_what_the_server_fills_in_is_what_the_models_fill_in(server: Server) -> None:
    stored = CameraPipeline.from_object(server.accepted(minimal()))

    assert stored.spec == CameraPipeline.from_object(minimal()).spec


def test_a_managed_backend_is_exchanged_for_an_external_one_by_apply(server: Server) -> None:
    managed = patched(minimal("exchange"), {"/spec/tracing/backend/managed": {"storage": "Badger"}})
    external = patched(minimal("exchange"), {"/spec/tracing/backend/external": EXTERNAL_JAEGER})

    server.apply(managed)

    assert server.apply(external)["spec"]["tracing"]["backend"] == {"external": EXTERNAL_JAEGER}


def test_the_table_shows_the_columns_people_look_for(server: Server) -> None:
    table = server.call("GET", server.path, accept=TABLE)
    narrow = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]

    assert narrow == ["Name", "Ready", "Tracing", "Complete", "Cameras", "Stages", "Age"]


def test_status_is_written_apart_and_selects(server: Server) -> None:
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
