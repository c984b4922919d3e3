"""Every field of every manifest is owned: whoever takes one away, the next pass puts it back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from frametrace_operator.structure import difference

Path = tuple[str | int, ...]

POD_SETTINGS = {
    "nodeSelector": {"gpu": ""},
    "tolerations": [{"key": "camera", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0}],
    "imagePullSecrets": [{"name": "registry"}],
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "zone", "labelSelector": {}, "namespaceSelector": {}}
            ]
        }
    },
    "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "own", "key": "k", "optional": False}}}],
    "volumes": [{"mountPath": "/data", "persistentVolumeClaim": {"claimName": "archive", "access": "ReadOnly"}}],
}
SPECS: dict[str, Any] = {
    "the operator's own servers": {"capture": {"podSettings": POD_SETTINGS}, "pictures": {"access": "Allowed"}},
    "badger": {"tracing": {"backend": {"managed": {"storage": "Badger"}}}},
    "servers of others": {
        "broker": {"type": "RabbitMQ", "external": {"urlSecretRef": {"name": "mq", "key": "url"}}},
        "tracing": {
            "backend": {"external": {"otlpEndpoint": "https://jaeger.example", "queryUrl": "http://jaeger.example"}}
        },
    },
}

KEPT = {
    "allowPrivilegeEscalation",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "maxUnavailable",
    "optional",
    "tolerationSeconds",
}
"""Fields that are pointers in Kubernetes' types, so that the API server keeps their false and 0."""


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What has no parts, with its place."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not parts:
        yield path, value
    for key, part in parts:
        yield from leaves(part, (*path, key))


def without(body: Any, path: Path) -> Any:
    """The object after somebody took one field away."""
    body = copy.deepcopy(body)
    place = body
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return body


@pytest.fixture(params=SPECS)
def rendered(
    request: pytest.FixtureRequest,
    make_pipeline: Callable[..., Any],
    make_platform: Callable[..., Any],
    bodies: Callable[..., dict[Any, Any]],
) -> list[Any]:
    """The manifests of a pipeline."""
    return list(bodies(make_pipeline(**SPECS[request.param]), make_platform(has_pod_monitors=True)).values())


def test_a_field_that_is_taken_away_is_missed(rendered: list[Any]) -> None:
    places = [(body, path) for body in rendered for path, _ in leaves(body)]
    assert len(places) > 200

    unseen = [(body["kind"], path) for body, path in places if difference(body, without(body, path)) is None]

    assert unseen == []


def test_false_and_zero_are_said_only_where_the_api_server_keeps_them(rendered: list[Any]) -> None:
    """Else each pass would find them missing, and write them again."""
    said = {path[-1] for body in rendered for path, value in leaves(body) if value == 0}

    assert said <= KEPT
