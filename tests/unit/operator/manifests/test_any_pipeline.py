"""What holds for the manifests of every pipeline that validates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from frametrace_api.contract import parse_process_contract
from frametrace_operator.manifests import Child, children, rendered_hash
from frametrace_operator.manifests.endpoints import has_page
from frametrace_operator.naming import MAX_CHILD_NAME, RENDERED_HASH
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from hypothesis import given

from tests.generated.pipelines import pipelines, platforms
from tests.real.schemas import schema_errors

OLDEST_KUBERNETES = "1.33.0"
DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def made(pipeline: Pipeline, platform: Platform) -> tuple[Child, ...]:
    return children(pipeline, platform, new_password=lambda: "made-up")


@given(pipelines, platforms)
def test_manifests_are_valid_and_restricted(
    restricted: Callable[[Child], list[str]], pipeline: Pipeline, platform: Platform
) -> None:
    for child in made(pipeline, platform):
        if child.body["kind"] != "PodMonitor":  # no kind of Kubernetes' own
            assert schema_errors(child.body, OLDEST_KUBERNETES) == []
        assert restricted(child) == []


@given(pipelines, platforms)
def test_names_and_labels_fit_and_differ(pipeline: Pipeline, platform: Platform) -> None:
    found = made(pipeline, platform)
    assert len({child.key for child in found}) == len(found)
    for child in found:
        metadata = child.body["metadata"]
        assert len(metadata["name"]) <= MAX_CHILD_NAME
        assert DNS_1035.fullmatch(metadata["name"])
        assert metadata["namespace"] == pipeline.namespace
        assert all(LABEL_VALUE.fullmatch(value) for value in metadata["labels"].values())


@given(pipelines, platforms)
def test_equal_arguments_make_equal_manifests_with_true_hashes(pipeline: Pipeline, platform: Platform) -> None:
    found = made(pipeline, platform)
    assert found == made(pipeline, platform)
    for child in found:
        assert child.body["metadata"]["annotations"][RENDERED_HASH] == rendered_hash(child.body)


@given(pipelines, platforms)
def test_everything_that_pods_mount_is_there(pipeline: Pipeline, platform: Platform) -> None:
    found = made(pipeline, platform)
    files = {
        (child.body["kind"], child.body["metadata"]["name"]): child.body.get("data", child.body.get("stringData", {}))
        for child in found
    }
    for kind, name, keys in (use for child in found for use in own_volumes(child, pipeline)):
        assert keys <= files[kind, name].keys()


def own_volumes(child: Child, pipeline: Pipeline) -> Iterator[tuple[str, str, set[str]]]:
    """(kind, name, keys) of what a Deployment mounts and the operator makes: a user's Secrets and claims have other names."""
    volumes = child.body["spec"]["template"]["spec"]["volumes"] if child.body["kind"] == "Deployment" else []
    user = {camera.source.credentials_secret_ref for camera in pipeline.spec.cameras}
    external = pipeline.spec.tracing.backend.external
    user.add(external.headers_secret_ref if external is not None else None)
    named_by_user = {reference.name for reference in user if reference is not None}
    for volume in volumes:
        if "configMap" in volume:
            yield (
                "ConfigMap",
                volume["configMap"]["name"],
                {item["key"] for item in volume["configMap"].get("items", ())},
            )
        if "persistentVolumeClaim" in volume and child.role == "jaeger":
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"], set()
        if "secret" in volume and volume["secret"]["secretName"] not in named_by_user:
            yield "Secret", volume["secret"]["secretName"], {item["key"] for item in volume["secret"]["items"]}


@given(pipelines, platforms)
def test_selectors_find_the_pods_of_their_own_deployment_alone(pipeline: Pipeline, platform: Platform) -> None:
    deployments = [child.body["spec"] for child in made(pipeline, platform) if child.body["kind"] == "Deployment"]
    pods = [spec["template"]["metadata"]["labels"] for spec in deployments]
    for spec in deployments:
        wanted = spec["selector"]["matchLabels"].items()
        assert [labels for labels in pods if wanted <= labels.items()] == [spec["template"]["metadata"]["labels"]]


@given(pipelines, platforms)
def test_every_process_has_a_contract_that_it_can_read(pipeline: Pipeline, platform: Platform) -> None:
    (config,) = (child.body["data"] for child in made(pipeline, platform) if child.role == "config")
    contracts = [parse_process_contract(text) for text in config.values()]
    read = [
        "the page" if contract.role == "page" else contract.camera.id if contract.role == "capture" else contract.name
        for contract in contracts
    ]
    spec = pipeline.spec
    page = ["the page"] if has_page(pipeline) else []
    assert read == [*(camera.id for camera in spec.cameras), *(stage.name for stage in spec.stages), *page]


@given(pipelines, platforms)
def test_what_the_owner_sets_in_the_environment_arrives_as_it_is(pipeline: Pipeline, platform: Platform) -> None:
    found = {child.item: child.body for child in made(pipeline, platform) if child.role == "stage"}
    for stage in pipeline.spec.stages:
        (container,) = found[stage.name]["spec"]["template"]["spec"]["containers"]
        given_env = {variable["name"]: variable for variable in container["env"]}
        assert len(given_env) == len(container["env"])
        for variable in stage.container_env:
            if variable.value is not None and variable.name != "OTEL_RESOURCE_ATTRIBUTES":
                assert given_env[variable.name].get("value", "") == variable.value
