"""The journey page on a real cluster: switched on as its how-to page says, reached by `kubectl frametrace ui`, with a real picture."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.servers.page import fetch

pytestmark = pytest.mark.cluster

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "journey-page.md"
_FILE = re.compile(r"^`([\w.-]+)`:\n\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SERVED = re.compile(r"http://localhost:(\d+)/\n")


def _get(url: str, **headers: str) -> tuple[int, bytes]:
    return fetch(url, 30, headers)


def _pods(shell: Any) -> list[dict[str, Any]]:
    found = shell.say("kubectl get pods -l frametrace.dev/role=page -o json")
    return [pod for pod in json.loads(found)["items"] if "deletionTimestamp" not in pod["metadata"]]


def _served(path: Path) -> str:
    """The port that `ui` told, as soon as it did."""
    found = _SERVED.search(path.read_text()) if path.exists() else None
    return found[1] if found else ""


def _noticed(url: str, errors: Path) -> bool:
    """Whether `ui` has noticed that its pod is gone: kubectl sees that at the next request."""
    _get(f"{url}/healthz")
    return "it is made anew" in errors.read_text()


def _newest(url: str) -> str:
    """A frame of the page's list that has passed all stages."""
    rows = [row for row in _get(url)[1].decode().split("</tr>") if '<span class="state good">completed</span>' in row]
    found = re.search(r'<a href="\?q=([^"]+)"', rows[0]) if rows else None
    return found[1] if found else ""


def test_the_page_shows_a_real_frame_with_its_picture_over_a_new_pod(shell: Any, frame: str, until: Any) -> None:
    assert frame
    text = PAGE.read_text()
    for name, content in _FILE.findall(text):
        (shell.folder / name).write_text(content)
    said = shell.say("\n".join(_COMMANDS.findall(text)))
    assert '"pictures":"Shown"' in said
    (pod,) = _pods(shell)
    assert pod["spec"]["automountServiceAccountToken"] is False
    running = shell.start("kubectl frametrace ui entrance --no-browser > ui.txt 2> ui-errors.txt")
    try:
        port = until(lambda: _served(shell.folder / "ui.txt"), seconds=60)
        url = f"http://127.0.0.1:{port}"
        newest = until(lambda: _newest(url), seconds=60)
        status, body = _get(f"{url}/?q={newest}")
        assert (status, "Every hop, no orphan, one outcome a branch." in body.decode()) == (200, True)
        status, picture = _get(f"{url}/picture.jpg?q={newest}")
        assert (status, picture[:2]) == (200, b"\xff\xd8")
        assert _get(f"{url}/", Host="evil.example")[0] == 421
        assert _get(f"{url}/?q=20240315T101530123456_cam01_a7f3c_000123")[0] == 404
        shell.say(f"kubectl delete pod {pod['metadata']['name']} --wait=false")
        until(lambda: any(each["metadata"]["uid"] != pod["metadata"]["uid"] for each in _pods(shell)), seconds=60)
        until(lambda: _noticed(url, shell.folder / "ui-errors.txt"), seconds=90)
        until(lambda: _get(f"{url}/")[0] == 200, seconds=90)
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(15) == 130
    assert _get(f"{url}/")[0] == 0


def test_a_person_with_the_plugins_role_opens_it_and_a_rollback_leaves_its_pod_alone(shell: Any, until: Any) -> None:
    role = dict(_FILE.findall((PAGE.parent / "kubectl-plugin.md").read_text()))["frametrace-user.yaml"]
    shell.say("kubectl apply -f -", stdin=role)
    shell.say("kubectl create serviceaccount viewer")
    shell.say(f"kubectl create rolebinding viewer --role=frametrace-user --serviceaccount={shell.namespace}:viewer")
    config = yaml.safe_load(shell.say("kubectl config view --raw --minify"))
    config["users"][0]["user"] = {"token": shell.say("kubectl create token viewer").strip()}
    (shell.folder / "viewer.kubeconfig").write_text(yaml.safe_dump(config))
    command = "kubectl frametrace ui entrance --no-browser --kubeconfig viewer.kubeconfig"
    running = shell.start(f"{command} > viewer.txt 2> viewer-errors.txt")
    try:
        port = until(lambda: _served(shell.folder / "viewer.txt"), seconds=60)
        before = {pod["metadata"]["uid"] for pod in _pods(shell)}
        shell.say("kubectl frametrace rollback entrance")
        shell.say("kubectl wait --for=jsonpath='{.status.tracing.state}'=RolledBack cpl/entrance --timeout=180s")
        until(lambda: b"Tracing is off now" in _get(f"http://127.0.0.1:{port}/")[1], seconds=90)
        assert {pod["metadata"]["uid"] for pod in _pods(shell)} == before
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(15) == 130


def test_it_goes_when_it_is_switched_off(shell: Any, until: Any) -> None:
    shell.say("kubectl annotate cpl entrance --overwrite frametrace.dev/journey-page=Disabled")
    until(lambda: not _pods(shell), seconds=60)
    until(lambda: not shell.say("kubectl get deploy,svc,netpol -l frametrace.dev/role=page -o name"), seconds=30)
    done = shell.run("kubectl frametrace ui entrance --no-browser")
    assert (done.returncode, "has no journey page" in done.stderr) == (1, True)
