"""The environment of runtime containers: order, precedence, and values that stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Environment = dict[str, Any]


@pytest.fixture
def environment(
    make_pipeline: Callable[..., Any],
    bodies: Callable[..., dict[Any, Any]],
    environment_of: Callable[[dict[str, Any]], Environment],
) -> Callable[..., Environment]:
    """The variables of a stage that has some of its own."""

    def read(own: list[dict[str, Any]] | None = None, **spec: Any) -> Environment:
        stage = {"name": "motion", "handler": "motion", "env": own or []}
        return environment_of(bodies(make_pipeline(stages=[stage], **spec))["Deployment", "stage", "motion"])

    return read


def test_order_is_that_of_the_opentelemetry_operator(environment: Callable[..., Environment]) -> None:
    assert list(environment([{"name": "MODEL", "value": "small"}])) == [
        "FRAMETRACE_POD_NAME",
        "OTEL_NODE_IP",
        "OTEL_POD_IP",
        "OTEL_RESOURCE_ATTRIBUTES_POD_NAME",
        "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME",
        "OTEL_SERVICE_NAME",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_TRACES_SAMPLER",
        "OTEL_PROPAGATORS",
        "OTEL_METRICS_EXPORTER",
        "OTEL_LOGS_EXPORTER",
        "OTEL_SDK_DISABLED",
        "MODEL",
        "OTEL_RESOURCE_ATTRIBUTES",
    ]


def test_no_ratio_stands_in_the_template(environment: Callable[..., Environment]) -> None:
    found = environment(tracing={"sampling": {"ratio": "0.25"}})

    assert found["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
    assert "OTEL_TRACES_SAMPLER_ARG" not in found


def test_the_owner_wins(environment: Callable[..., Environment]) -> None:
    assert environment([{"name": "OTEL_PROPAGATORS", "value": "b3"}])["OTEL_PROPAGATORS"] == "b3"


@pytest.mark.parametrize("given", [{"value": "reader"}, {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}])
def test_a_services_name_that_an_older_version_let_in_does_not_win(
    given: dict[str, Any], environment: Callable[..., Environment]
) -> None:
    found = environment([{"name": "OTEL_SERVICE_NAME", **given}, {"name": "MODEL", "value": "small"}])

    assert (found["OTEL_SERVICE_NAME"], found["MODEL"]) == ("motion", "small")


def test_resource_attributes_are_joined_and_the_owners_come_first(environment: Callable[..., Environment]) -> None:
    found = environment([{"name": "OTEL_RESOURCE_ATTRIBUTES", "value": "site=north,k8s.namespace.name=other"}])

    attributes = dict(pair.split("=", 1) for pair in found["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    assert list(found)[-1] == "OTEL_RESOURCE_ATTRIBUTES"
    assert attributes["site"] == "north"
    assert attributes["k8s.namespace.name"] == "other"
    assert attributes["k8s.pod.name"] == "$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)"


def test_resource_attributes_from_elsewhere_stand_alone(environment: Callable[..., Environment]) -> None:
    source = {"secretKeyRef": {"name": "attributes", "key": "all"}}

    assert (
        environment([{"name": "OTEL_RESOURCE_ATTRIBUTES", "valueFrom": source}])["OTEL_RESOURCE_ATTRIBUTES"] == source
    )


def test_grpc_goes_to_the_managed_jaegers_grpc_port(environment: Callable[..., Environment]) -> None:
    found = environment([{"name": "OTEL_EXPORTER_OTLP_PROTOCOL", "value": "grpc"}])

    assert found["OTEL_EXPORTER_OTLP_ENDPOINT"].endswith(".site-a.svc:4317")
    assert found["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"


def test_an_external_backend_is_taken_as_written(environment: Callable[..., Environment]) -> None:
    reference = {"name": "jaeger", "key": "headers"}
    external = {
        "otlpEndpoint": "https://jaeger.example/$(OTEL_POD_IP)",
        "queryUrl": "https://jaeger.example",
        "headersSecretRef": reference,
    }

    found = environment(tracing={"backend": {"external": external}})

    assert found["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://jaeger.example/$$(OTEL_POD_IP)"  # $$ is a plain $
    assert found["OTEL_EXPORTER_OTLP_HEADERS"] == {"secretKeyRef": reference}


@pytest.mark.parametrize(
    "value",
    [
        '"\n  privileged: true\n#',
        "{{ platform }}{% raw %}",
        "\u2028\x85\x07\ufeff\U0001f4f7",
        "!!python/object:os.system",
        "'; ---\nkind: Pod",
        "yes",
        "0o17",
        " \t",
    ],
)
def test_hostile_values_stay_data(value: str, environment: Callable[..., Environment]) -> None:
    assert environment([{"name": "MODEL", "value": value}])["MODEL"] == value
