"""What holds for the manifests of every pipeline that validates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from frametrace_api.contract import parse_process_contract
from frametrace_operator.manifests import Child, children, rendered_hash
from frametrace_operator.naming import MAX_CHILD_NAME, RENDERED_HASH
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from hypothesis import given
from hypothesis import strategies as st

from tests.real.schemas import schema_errors

OLDEST_KUBERNETES = "1.33.0"
DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
RESERVED = ("OTEL_SDK", "OTEL_CONFIG", "OTEL_TRACES_SAMPLER", "OTEL_EXPORTER_OTLP_", "FRAMETRACE")

labels = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?", fullmatch=True)
hostile_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
secret_keys = st.fixed_dictionaries({"name": labels, "key": st.sampled_from(["key", "tls.crt", "A_b-c.d"])})
env_names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True).filter(lambda name: not name.startswith(RESERVED))
env_values = st.one_of(
    st.fixed_dictionaries({"value": hostile_text}),
    st.fixed_dictionaries({"valueFrom": st.fixed_dictionaries({"secretKeyRef": secret_keys})}),
)
overridable = st.sampled_from(["OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_PROPAGATORS"])
env = st.dictionaries(st.one_of(env_names, overridable), env_values, max_size=4).map(
    lambda variables: [{"name": name, **value} for name, value in variables.items()]
)
resources = st.fixed_dictionaries(
    {}, optional={"limits": st.just({"memory": "1Gi"}), "requests": st.just({"cpu": 1, "nvidia.com/gpu": "1"})}
)
term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
node_affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
pod_settings = st.fixed_dictionaries(
    {},
    optional={
        "nodeSelector": st.just({"kubernetes.io/arch": "amd64"}),
        "tolerations": st.just([{"key": "camera", "operator": "Exists"}]),
        "imagePullSecrets": st.just([{"name": "registry"}]),
        "affinity": st.just(node_affinity),
        "env": env,
    },
)
images = st.sampled_from(["registry.example:5000/team/x:1", "x@sha256:" + "0" * 64])
ratios = st.sampled_from(["0", "0.25", "1", "1.0"])
sources = st.fixed_dictionaries(
    {"url": st.sampled_from(["test://", "rtsp://[fd00::1]/a?b='c'&d=$(HOME)", "rtsps://cam.example:8322/xy?$(X)"])},
    optional={"credentialsSecretRef": st.fixed_dictionaries({"name": labels})},
)
cameras = st.lists(
    st.fixed_dictionaries(
        {"id": labels, "source": sources}, optional={"tracing": st.fixed_dictionaries({"ratio": ratios})}
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda camera: str(camera["id"]),
)
captures = st.fixed_dictionaries(
    {},
    optional={
        "framesPerSecond": st.sampled_from([1, 240, "0.5"]),
        "maxWidth": st.integers(16, 8192),
        "encoding": st.sampled_from(["JPEG", "Raw"]),
        "image": images,
        "resources": resources,
        "podSettings": pod_settings,
    },
)
brokers = st.sampled_from(["Redis", "RabbitMQ"]).flatmap(
    lambda kind: st.fixed_dictionaries(
        {
            "type": st.just(kind),
            "external": st.fixed_dictionaries({"urlSecretRef": secret_keys}, optional={"caSecretRef": secret_keys}),
        }
    )
)
managed = st.fixed_dictionaries(
    {},
    optional={"storage": st.sampled_from(["Memory", "Badger"]), "size": st.sampled_from(["64Mi", "3G", "64Ti"])},
).map(lambda settings: {"managed": settings})
external = st.fixed_dictionaries(
    {
        "otlpEndpoint": st.sampled_from(["https://jaeger.example", "http://[fd00::1]:4318/p/$(HOME)"]),
        "queryUrl": st.just("http://jaeger.example:16686"),
    },
    optional={"headersSecretRef": secret_keys},
).map(lambda settings: {"external": settings})
tracings = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["Enabled", "Disabled"]),
        "backend": st.one_of(managed, external),
        "sampling": st.fixed_dictionaries({"ratio": ratios}),
        "retention": st.fixed_dictionaries({"traceSeconds": st.integers(60, 31_536_000)}),
    },
)
stage_settings = st.fixed_dictionaries(
    {"handler": st.just("detect.people:Detector"), "image": images},
    optional={"replicas": st.integers(1, 100), "env": env, "resources": resources, "podSettings": pod_settings},
)


@st.composite
def stages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A tree: every stage reads capture or a stage before it."""
    names = draw(st.lists(labels.filter(lambda name: name not in {"capture", "rtsp-capture"}), max_size=3, unique=True))
    inputs = [draw(st.sampled_from(["capture", *names[:index]])) for index in range(len(names))]
    return [draw(stage_settings) | {"name": name, "input": origin} for name, origin in zip(names, inputs, strict=True)]


specs = st.fixed_dictionaries(
    {"cameras": cameras, "stages": stages()},
    optional={
        "mode": st.sampled_from(["Running", "Suspended"]),
        "capture": captures,
        "broker": brokers,
        "tracing": tracings,
        "pictures": st.just({"access": "Allowed"}),
    },
)
pipelines = st.builds(
    lambda name, uid, spec: Pipeline.from_object(
        {"metadata": {"namespace": "site-a", "name": name, "uid": uid}, "spec": spec}
    ),
    st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True),
    st.uuids().map(str),
    specs,
)
networks = st.lists(st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8", "0.0.0.0/0", "fd00::/8"]), max_size=3)
platforms = st.builds(
    lambda allow, deny, monitors, pull: Platform(
        "run:1", "redis:7", "jaeger:2", "frametrace", tuple(allow), tuple(deny), monitors, tuple(pull)
    ),
    networks,
    networks,
    st.booleans(),
    st.sampled_from([(), ("registry",)]),
)


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
    """(kind, name, keys) of what a Deployment mounts and the operator makes: a user's Secrets have other names."""
    volumes = child.body["spec"]["template"]["spec"]["volumes"] if child.body["kind"] == "Deployment" else []
    user = {camera.source.credentials_secret_ref for camera in pipeline.spec.cameras}
    named_by_user = {reference.name for reference in user if reference is not None}
    for volume in volumes:
        if "configMap" in volume:
            yield (
                "ConfigMap",
                volume["configMap"]["name"],
                {item["key"] for item in volume["configMap"].get("items", ())},
            )
        if "persistentVolumeClaim" in volume:
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
    read = [contract.camera.id if contract.role == "capture" else contract.name for contract in contracts]
    spec = pipeline.spec
    assert read == [*(camera.id for camera in spec.cameras), *(stage.name for stage in spec.stages)]


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
