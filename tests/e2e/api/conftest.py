"""A real API server with the CRD of this checkout in force."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from frametrace_api import group
from frametrace_api.crd import crd_document
from kubernetes import client, config

from tests.e2e.api.resources import URL, Resource, minimal, patched

MANAGER = "crd-admission-test"
JSON = "application/json"
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
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        answer = self.api.rest_client.pool_manager.request(method, url, body=content, headers=headers, timeout=60)
        return answer.status, json.loads(answer.data)

    def call(self, method: str, path: str, body: Any = None, **options: str) -> dict[str, Any]:
        """The answer to what must succeed."""
        status, answer = self.request(method, path, body, **options)
        assert status < 300, answer.get("message")
        return answer

    def attempt(self, resource: Resource) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer of a creation that is not carried out."""
        return self.request("POST", self.path, self._placed(resource), fieldValidation="Strict", dryRun="All")

    def refusal(self, resource: Resource) -> dict[str, Any]:
        status, answer = self.attempt(resource)
        assert status in (400, 422), answer
        return answer

    def accepted(self, resource: Resource) -> dict[str, Any]:
        status, answer = self.attempt(resource)
        assert status == 201, answer.get("message")
        return answer

    def create(self, resource: Resource) -> dict[str, Any]:
        return self.call("POST", self.path, self._placed(resource))

    def apply(self, resource: Resource) -> dict[str, Any]:
        return self.call(
            "PATCH",
            f"{self.path}/{resource['metadata']['name']}",
            self._placed(resource),
            content_type=APPLY_PATCH,
            fieldManager=MANAGER,
            force="true",
        )

    def _placed(self, resource: Resource) -> Resource:
        """In this namespace, and of a shard that no operator looks after: 128 cameras shall not be started here."""
        placed = patched(resource, {"/metadata/namespace": self.namespace})
        placed["metadata"]["labels"] = {**placed["metadata"].get("labels", {}), f"{group.GROUP}/shard": MANAGER}
        return placed


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
        conditions = {item["type"]: item["status"] for item in document.get("status", {}).get("conditions") or ()}
        return document if conditions.get("Established") == "True" else None

    return dict(until("the API server establishes the CRD", established))


@pytest.fixture(scope="module")
def server(api: client.ApiClient, crd: dict[str, Any]) -> Iterator[Server]:
    """The API server with the CRD in force and a namespace for these tests."""
    connected = Server(api, f"crd-admission-{uuid.uuid4().hex[:8]}")
    namespaces = "/api/v1/namespaces"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    connected.call("POST", namespaces, {"metadata": {"name": connected.namespace, "labels": labels}})
    until("the API server takes a pipeline", lambda: connected.attempt(minimal())[0] == 201)
    until(
        "the newest schema is in force", lambda: connected.attempt(patched(minimal(), {URL: "rtsp://a:b@c"}))[0] == 422
    )
    yield connected
    connected.call("DELETE", connected.path)
    connected.call("DELETE", f"{namespaces}/{connected.namespace}")
