"""Any resource is refused by the API server, or becomes objects that it takes, with pods that are `restricted`.

Dry runs of the real server: validation, defaults and admission as they are, and nothing stored. How many resources:
`FRAMETRACE_EXAMPLES`; what became of them is written to the file that `FRAMETRACE_EXAMPLES_REPORT` names.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frametrace_operator.kube.kinds import kind_of
from frametrace_operator.manifests import children
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.yaml_text import yaml_line
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.e2e.api.resources import patched
from tests.generated.patches import PATCHES
from tests.generated.pipelines import platforms, specs

pytestmark = pytest.mark.cluster

EXAMPLES = int(os.environ.get("FRAMETRACE_EXAMPLES", "300"))
APPLY = "application/apply-patch+yaml"
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)
CHANGES = st.none() | PATCHES
Body = dict[str, Any]


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """What became of the resources and of what was made of them."""
    found: Counter[str] = Counter()
    yield found
    report = os.environ.get("FRAMETRACE_EXAMPLES_REPORT")
    if report:
        Path(report).write_text(json.dumps(found), encoding="utf-8")


@pytest.fixture(scope="module")
def restricted(server: Any) -> Any:
    """The server, whose namespace has its service account: pods can be asked for, and one that is not `restricted` is refused."""
    spec = {"containers": [{"name": "a", "image": "b", "securityContext": {"privileged": True}}]}
    status, answer = dry_run(server, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad"}, "spec": spec})
    assert (status, "violates PodSecurity" in answer["message"]) == (403, True), answer
    return server


def dry_run(server: Any, body: Body) -> tuple[int, Body]:
    """Status and answer of an apply that is not carried out, in the operator's own words."""
    kind = kind_of(body)
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
    path = f"{root}/namespaces/{server.namespace}/{kind.plural}/{body['metadata']['name']}"
    query = {"dryRun": "All", "fieldManager": "test", "fieldValidation": "Strict", "force": "true"}
    answer: tuple[int, Body] = server.request("PATCH", path, yaml_line(body), content_type=APPLY, **query)
    return answer


def objects(pipeline: Pipeline, platform: Platform) -> Iterator[Body]:
    """All that the operator would write, and each pod that a Deployment would make of its template."""
    for child in children(pipeline, platform):
        if child.body["kind"] == "PodMonitor":  # no kind of Kubernetes' own
            continue
        yield child.body
        if child.body["kind"] == "Deployment":
            template, metadata = child.body["spec"]["template"], child.body["metadata"]
            named = template["metadata"] | {"name": f"{metadata['name']}-pod", "namespace": metadata["namespace"]}
            yield {"apiVersion": "v1", "kind": "Pod", **template, "metadata": named}


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate] if EXAMPLES > 1000 else tuple(Phase),
    suppress_health_check=list(HealthCheck),
)
@given(name=NAMES, spec=specs, change=CHANGES, platform=platforms)
def test_refused_or_made_into_what_the_server_takes(
    restricted: Any, tally: Any, name: str, spec: Any, change: Any, platform: Platform
) -> None:
    resource = {
        "apiVersion": "frametrace.dev/v1alpha1",
        "kind": "CameraPipeline",
        "metadata": {"name": name},
        "spec": spec,
    }
    if change is not None and spec["stages"]:
        resource = patched(resource, dict([change]))
    status, answer = restricted.attempt(resource)
    if status in (400, 422):
        tally["refused"] += 1
        return
    assert status == 201, answer
    tally["made"] += 1
    for body in objects(Pipeline.from_object(answer), platform):
        status, answer = dry_run(restricted, body)
        assert status in (200, 201), (body["kind"], answer.get("message"))
        tally[body["kind"]] += 1
