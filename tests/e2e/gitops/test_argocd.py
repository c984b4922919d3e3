"""The GitOps story from a commit to the last object's end, on a real Argo CD: one test, with its timings.

Argo CD heals by itself and prunes; so whatever stays as it is after a rollback or an action stays because nothing is out of sync.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from frametrace_operator.shard import SHARD

from tests.e2e.gitops.conftest import pipeline
from tests.e2e.gitops.repository import Repository
from tests.e2e.gitops.story import APPLICATION, Story
from tests.real.kstatus import kstatus

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

WELL, DEGRADED, SUSPENDED = ("Synced", "Healthy"), ("Synced", "Degraded"), ("Synced", "Suspended")
REPORT = "FRAMETRACE_GITOPS_REPORT"


def test_a_pipeline_from_its_commit_to_its_end(story: Story, repository: Repository, names: tuple[str, str]) -> None:
    story.follow("kubectl patch configmap")
    story.follow("kubectl apply")
    first = list[dict[str, Any]]()

    def looks() -> tuple[str, str, bool]:
        # One short look until the sync is over: a second one, which heals a part, may hide it seconds later.
        first.extend(brought(story) if not first else ())
        return (*story.said(), ready_there(story)) if first else ("", "", False)

    story.until("commit to Synced and Healthy", looks, (*WELL, True), seconds=120)
    installed_in_order(story, first)
    helm_waits_as_flux_does(story, repository, names)
    defaults_and_autoscalers_are_no_drift(story)
    a_change_in_git_rolls_out(story, repository, names)
    what_a_person_edits_is_healed(story)
    a_rollback_is_no_drift_and_is_told(story)
    tracing_comes_back(story)
    a_pipeline_rests_and_goes_on(story)
    deletion_prunes_all_but_the_definition(story, names)
    assert story.unfollowed() == set(), "commands of the page that the story does not run"
    tell(story.laps)


def ready_there(story: Story) -> bool:
    """Whether the one sync is over, and brought a pipeline that is ready."""
    operation = story.application().get("status", {}).get("operationState", {})
    return operation.get("phase") == "Succeeded" and story.pipeline_health()[0] == "Healthy"


def brought(story: Story) -> list[dict[str, Any]]:
    """What the last sync brought, once it succeeded; a second one, which heals a part, has that part alone."""
    operation = story.application().get("status", {}).get("operationState", {})
    done: list[dict[str, Any]] = operation["syncResult"]["resources"] if operation.get("phase") == "Succeeded" else []
    return done


def installed_in_order(story: Story, results: list[dict[str, Any]]) -> None:
    waves = {
        kind: [number for number, one in enumerate(results) if one["kind"] == kind]
        for kind in ("CustomResourceDefinition", "Deployment", "CameraPipeline")
    }
    assert max(waves["CustomResourceDefinition"]) < min(waves["Deployment"]) < min(waves["CameraPipeline"]), results
    status, message = story.pipeline_health()
    assert (status, message.partition(":")[0]) == ("Healthy", "FramesFlowing")


def helm_waits_as_flux_does(story: Story, repository: Repository, names: tuple[str, str]) -> None:
    """Helm 4 waits by the kstatus library, which is Flux's too: it comes back when the pipeline is ready, not before."""
    body = pipeline(*names) | {"metadata": {"name": "second", "namespace": names[1], "labels": {SHARD: names[0]}}}
    chart = repository.write("second/templates/pipeline.yaml", body).parents[1]
    repository.write("second/Chart.yaml", {"apiVersion": "v2", "name": "second", "version": "0.1.0"})
    assert kstatus(body | {"metadata": {"generation": 1}, "status": {"observedGeneration": 0}}) == "InProgress"
    began = time.monotonic()
    story.argo.shell(f"helm install second {chart} -n {names[1]} --wait --timeout 120s")
    assert (kstatus(story.pipeline("second")), kstatus(story.pipeline())) == ("Current", "Current")
    story.laps["helm install --wait of a second pipeline"] = round(time.monotonic() - began, 1)
    story.argo.shell(f"helm uninstall second -n {names[1]}")


def defaults_and_autoscalers_are_no_drift(story: Story) -> None:
    spec = story.pipeline()["spec"]
    assert spec["mode"] == "Running", "the server filled in what Git does not say"
    name = story.deployments()["motion"]["metadata"]["name"]
    scale = ["-n", story.namespace, "scale", f"deployment/{name}", "--replicas=2"]
    story.argo.kubectl(*scale)  # by the subresource, as an autoscaler does
    story.until("an autoscaler's second pod", lambda: ready(story, "motion"), 2, seconds=60)
    story.stays_synced()
    assert story.deployments()["motion"]["spec"]["replicas"] == 2


def ready(story: Story, item: str) -> int:
    return int(story.deployments()[item].get("status", {}).get("readyReplicas", 0))


def a_change_in_git_rolls_out(story: Story, repository: Repository, names: tuple[str, str]) -> None:
    repository.write("pipelines/entrance.yaml", pipeline(*names, capture={"framesPerSecond": 40}))
    commit = repository.commit("Fewer frames")
    story.refresh()
    story.until("a change in Git to the cluster", lambda: synced(story), (commit, 40), seconds=30)
    story.until("and to Healthy", story.said, WELL, seconds=90)


def synced(story: Story) -> tuple[str, Any]:
    revisions = story.application()["status"]["sync"].get("revisions") or [""]
    return revisions[-1], story.pipeline()["spec"]["capture"].get("framesPerSecond")


def what_a_person_edits_is_healed(story: Story) -> None:
    edit = json.dumps({"spec": {"capture": {"framesPerSecond": 1}}})
    story.argo.kubectl("-n", story.namespace, "patch", "cpl", "entrance", "--type=merge", "-p", edit)
    story.until("a person's edit of the spec, healed", lambda: synced(story)[1], 40, seconds=30)
    story.until("and Healthy again", story.said, WELL, seconds=90)


def a_rollback_is_no_drift_and_is_told(story: Story) -> None:
    spec = story.pipeline()["spec"]
    assert story.offered() == {
        "rollback-tracing": True, "reenable-tracing": False, "suspend": True, "resume": False
    }  # fmt: skip
    refused(story, "reenable-tracing", "tracing is in: there is nothing to bring back")
    story.act("rollback-tracing")
    story.until("rollback-tracing to Degraded", story.said, DEGRADED, seconds=30)
    story.until("and all pods without instrumentation", lambda: story.tracing().get("state"), "RolledBack", seconds=120)
    refused(story, "rollback-tracing", "tracing is out already, and stays out until reenable-tracing")
    story.stays_synced()
    assert story.tracing()["state"] == "RolledBack"
    assert disabled(story) == {"cam01", "motion"}
    assert story.pipeline()["spec"] == spec
    assert kstatus(story.pipeline()) == "Current", "video flows"
    assert story.said() == DEGRADED
    status, message = story.pipeline_health()
    assert status == "Degraded"
    assert message.startswith("Tracing is rolled back: Requested: asked for by the annotation frametrace.dev/rollback")


def refused(story: Story, action: str, why: str) -> None:
    """Argo CD runs what discovery disables: the action itself must refuse, and change nothing."""
    before = story.pipeline()["metadata"].get("annotations")
    with pytest.raises(RuntimeError, match=why):
        story.act(action)
    assert story.pipeline()["metadata"].get("annotations") == before


def disabled(story: Story) -> set[str]:
    """The Deployments whose pods have tracing taken out."""
    return {
        item
        for item, body in story.deployments().items()
        for env in body["spec"]["template"]["spec"]["containers"][0].get("env", ())
        if (env["name"], env.get("value")) == ("OTEL_SDK_DISABLED", "true")
    }


def tracing_comes_back(story: Story) -> None:
    assert story.offered()["reenable-tracing"]
    story.act("reenable-tracing")
    story.until("reenable-tracing to Probation", lambda: story.tracing().get("state"), "Probation", seconds=30)
    story.until(
        "and to Healthy", lambda: (story.tracing().get("state"), *story.said()), ("Healthy", *WELL), seconds=150
    )
    assert disabled(story) == set()


def a_pipeline_rests_and_goes_on(story: Story) -> None:
    story.act("suspend")
    story.until("suspend to Suspended, drained", story.said, SUSPENDED, seconds=60)
    assert {body["spec"]["replicas"] for body in story.deployments().values()} == {0}
    refused(story, "suspend", "the pipeline is suspended already")
    story.stays_synced()
    assert story.pipeline()["spec"]["mode"] == "Running"
    assert kstatus(story.pipeline()) == "InProgress"
    assert story.said() == SUSPENDED
    story.act("resume")
    story.until("resume to Healthy", story.said, WELL, seconds=90)
    refused(story, "resume", "the pipeline is not suspended")


def deletion_prunes_all_but_the_definition(story: Story, names: tuple[str, str]) -> None:
    story.follow("app delete")
    gone = lambda: story.argo.kubectl(  # noqa: E731 - a look
        "-n", story.argo.namespace, "get", "application", APPLICATION, "--ignore-not-found", "-o", "name"
    )
    story.until("deletion of all", gone, "", seconds=120)
    kubectl = story.argo.kubectl
    assert kubectl("get", "namespace", names[1], "--ignore-not-found", "-o", "name") == ""
    kinds = (
        "deployments,services,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,camerapipelines"
    )
    labelled = ["-l", "app.kubernetes.io/part-of=frametrace", "-o", "name"]
    assert kubectl("-n", names[0], "get", kinds, *labelled) == ""
    roles = kubectl("get", "clusterroles,clusterrolebindings", *labelled).split()
    assert [role for role in roles if names[0] in role] == []
    assert kubectl("get", "crd", "camerapipelines.frametrace.dev", "-o", "name"), "others' pipelines went with it"


def tell(laps: dict[str, float]) -> None:
    print("\n" + "\n".join(f"{seconds:6.1f} s  {what}" for what, seconds in laps.items()))
    if os.environ.get(REPORT):
        Path(os.environ[REPORT]).write_text(json.dumps(laps), encoding="utf-8")
