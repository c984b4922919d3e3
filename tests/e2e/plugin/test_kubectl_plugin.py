"""`kubectl frametrace` on a real API server, with a pipeline that runs: its how-to page, a person's rights, completion."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.prove.pages import Page

pytestmark = pytest.mark.cluster

PAGE = Page.of("how-to/kubectl-plugin.md")


def test_the_how_to_page_works_as_it_stands_there(shell: Any, frame: str) -> None:
    PAGE.write_files(shell.folder)
    done = shell.run("\n".join(PAGE.blocks("sh")), FRAME=frame)
    assert (done.returncode, done.stderr) == (0, "every camera is captured\n"), done.stdout
    said = done.stdout
    assert f"{shell.namespace}/entrance  Ready  Running  tracing Healthy, ratio 1" in said
    assert re.search(r"^  cam01 +Capturing +[1-9][0-9.]* +0\.0 +[0-9.]+s ago +0 *$", said, re.MULTILINE)
    assert re.search(r"^  motion +Running +1/1 +[1-9][0-9.]* +0\.0 +[0-9]+ *$", said, re.MULTILINE)
    assert re.search(r"^      └─ process_frame  \[motion\] .* completed$", said, re.MULTILINE)
    assert re.search(r'^stage/motion \([a-z0-9]{5}\)  \{.*"event": "started"', said, re.MULTILINE)
    body = json.loads(shell.say("kubectl get cpl entrance -o json"))
    asked = {"frametrace.dev/rollback-tracing", "frametrace.dev/reenable-tracing"}
    assert asked <= body["metadata"]["annotations"].keys()
    assert body["spec"]["mode"] == "Running"
    # The page takes tracing out and asks for it back; the next test wants frames that are traced.
    shell.say("kubectl wait --for=jsonpath='{.status.tracing.state}'=Probation cpl/entrance --timeout=180s")


def test_a_person_with_the_pages_role_and_no_other_right_can_do_all_of_it(shell: Any, frame: str) -> None:
    shell.say("kubectl apply -f -", stdin=PAGE.files["frametrace-user.yaml"])
    shell.say("kubectl create serviceaccount guard")
    shell.say(f"kubectl create rolebinding guard --role=frametrace-user --serviceaccount={shell.namespace}:guard")
    guard = _kubeconfig_of(shell, "guard")
    for command in ("status entrance", "cameras", f"journey {frame}", "logs entrance", "rollback entrance"):
        assert "no live values" not in shell.say(f"kubectl frametrace {command}", KUBECONFIG=guard)
    shell.say("kubectl wait --for=jsonpath='{.status.tracing.state}'=RolledBack cpl/entrance --timeout=180s")
    shell.say("kubectl wait --for=condition=Ready cpl/entrance --timeout=180s")  # the camera pauses once
    denied = shell.run("kubectl frametrace status -A", KUBECONFIG=guard)
    assert denied.returncode == 77
    assert denied.stderr.startswith("kubectl frametrace: the API server refused it (403): camerapipelines.frametrace")
    assert denied.stderr.count("\n") == 1


def test_without_the_right_to_the_proxy_all_but_live_values_is_shown(shell: Any) -> None:
    shell.say("kubectl create serviceaccount reader")
    shell.say("kubectl create role reader --verb=get,list --resource=camerapipelines.frametrace.dev,pods")
    shell.say(f"kubectl create rolebinding reader --role=reader --serviceaccount={shell.namespace}:reader")
    said = shell.say("kubectl frametrace status", KUBECONFIG=_kubeconfig_of(shell, "reader"))
    assert re.search(r"^  cam01 +Capturing +- +- +- +- *$", said, re.MULTILINE)
    assert re.search(
        r"^  no live values of pod entrance-cam01-\S+: the API server refused it \(403\)", said, re.MULTILINE
    )


def test_what_is_not_there_is_said_and_kubectl_completes_names(shell: Any) -> None:
    report = shell.run("kubectl frametrace report nowhere")
    assert report.returncode == 1
    assert "nowhere" in report.stderr
    gone = shell.run("kubectl frametrace journey 20240315T101530123456_cam01_a7f3c_000123")
    assert gone.returncode == 1
    assert f"the Jaeger of {shell.namespace}/entrance has no span of frame 20240315" in gone.stderr
    assert shell.run("kubectl __complete frametrace suspend ''").stdout.split() == ["entrance", ":4"]


def test_a_watch_for_programs_tells_a_line_a_look_until_it_is_interrupted(shell: Any, until: Any) -> None:
    watching = shell.start("kubectl frametrace status -w -o json > looks.jsonl")
    looks = until(lambda: _whole_lines(shell.folder / "looks.jsonl", 2), seconds=40)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 130
    assert all(json.loads(look)["pipelines"][0]["cameras"][0]["fps"] > 0 for look in looks)


def test_logs_are_followed_over_a_pods_end(shell: Any, until: Any) -> None:
    following = shell.start("kubectl frametrace logs entrance --stage motion --follow > log.txt 2> errors.txt")

    def pods(number: int) -> bool:
        started = [line for line in _whole_lines(shell.folder / "log.txt") if '"event": "started"' in line]
        return len({line.partition(")")[0] for line in started}) == number

    until(lambda: pods(1), seconds=30)
    shell.say("kubectl delete pod -l frametrace.dev/stage=motion --wait=false")
    until(lambda: pods(2), seconds=90)
    following.send_signal(signal.SIGINT)
    assert following.wait(10) == 130
    assert (shell.folder / "errors.txt").read_text() == ""


def _whole_lines(path: Path, least: int = 0) -> list[str]:
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return lines if len(lines) >= least else []


def _kubeconfig_of(shell: Any, account: str) -> str:
    """A kubeconfig whose user has a service account's token only."""
    config = yaml.safe_load(shell.say("kubectl config view --raw --minify"))
    config["users"][0]["user"] = {"token": shell.say(f"kubectl create token {account}").strip()}
    path = shell.folder / f"{account}.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return str(path)
