"""The demo on the local cluster: up, twice, its ports, its failures, and down as from a cluster of the user's own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from scripts.cluster import processes
from scripts.demo.pipeline import read_example
from scripts.demo.places import LABEL, state
from scripts.demo.target import Target
from scripts.monitoring.dashboards import prometheus_asks, with_values
from tests.real.watched import VALUES

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

_JAEGER, _PROMETHEUS = "http://localhost:16686", "http://localhost:9090"


def _pods() -> set[str]:
    pods = Target().read("list pods", "-n", read_example().namespace, "pods")["items"]
    return {pod["metadata"]["uid"] for pod in pods}


def test_up_shows_the_pipeline_and_a_frames_whole_journey(
    own_kubeconfig: str, first_run: subprocess.CompletedProcess[str], demo: Any
) -> None:
    assert first_run.returncode == 0, first_run.stderr

    assert re.search(r"^entrance +True ", first_run.stdout, re.MULTILINE)
    [frame_id] = re.findall(r"A fresh frame: (\S+)", first_run.stdout)
    for hop in ("capture_frame  [rtsp-capture]", "process_frame  [motion]", "process_frame  [verify]"):
        assert hop in first_run.stdout
    assert "completed" in first_run.stdout
    again = demo.run("journey", frame_id)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[0].startswith(frame_id)
    assert "rtsp-capture" in demo.ask(f"{_JAEGER}/api/services")["data"]


def test_the_demos_prometheus_answers_for_every_hop(first_run: subprocess.CompletedProcess[str], demo: Any) -> None:
    assert first_run.returncode == 0, first_run.stderr

    def stages() -> set[str]:
        answer = demo.ask(f"{_PROMETHEUS}/api/v1/query?query=frame_processing_duration")
        return {series["metric"]["stage"] for series in answer["data"]["result"]}

    demo.until("series of every hop", lambda: stages() == {"capture", "motion", "verify"}, seconds=90)


def test_every_query_of_the_dashboards_answers_from_the_operator_and_the_pods(
    first_run: subprocess.CompletedProcess[str], demo: Any
) -> None:
    assert first_run.returncode == 0, first_run.stderr
    example = read_example()
    tags = f'camera="cam01",pipeline="{example.name}"'
    values = {**VALUES, "namespace": example.namespace, "pipeline": example.name, "__tags": tags}

    def silent() -> set[str]:
        return {ask.where for ask in prometheus_asks() if not answered(with_values(ask.query, values))}

    def answered(expr: str) -> bool:
        url = f"{_PROMETHEUS}/api/v1/query?{urllib.parse.urlencode({'query': expr})}"
        return bool(demo.ask(url)["data"]["result"])

    # There was no rollback, so nothing is known of the last one.
    wanted = {"frame-tracking / annotation Rollbacks", "fleet / Last rollbacks / A"}
    demo.until("data for every query", lambda: silent() <= wanted, seconds=240)


def test_up_again_changes_nothing(first_run: subprocess.CompletedProcess[str], demo: Any) -> None:
    assert first_run.returncode == 0, first_run.stderr
    before = _pods()

    again = demo.run("up")

    assert again.returncode == 0, again.stderr
    assert _pods() == before
    assert demo.run("status").returncode == 0


def test_forwards_come_back_after_a_pod_and_after_their_own_process(
    first_run: subprocess.CompletedProcess[str], demo: Any
) -> None:
    assert first_run.returncode == 0, first_run.stderr
    example = read_example()

    Target().ask("end Jaeger", "-n", example.namespace, "delete", "pod", "-l", example.jaeger_selector)
    demo.until("Jaeger answers again", lambda: "rtsp-capture" in (demo.ask(f"{_JAEGER}/api/services")["data"] or []))

    record = processes.read_record(state(), "forwards")
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    again = demo.run("up")
    assert again.returncode == 0, again.stderr
    assert demo.ask(f"{_PROMETHEUS}/api/v1/status/buildinfo")["status"] == "success"


def test_a_journey_that_is_not_there_is_told(first_run: subprocess.CompletedProcess[str], demo: Any) -> None:
    assert first_run.returncode == 0, first_run.stderr

    unknown = demo.run("journey", "20240315T101530123456_cam01_a7f3c_000123")
    malformed = demo.run("journey", "nonsense")

    assert unknown.returncode == malformed.returncode == 1
    assert "Jaeger has no such trace" in unknown.stderr
    assert "nonsense" in malformed.stderr


def test_down_from_a_users_cluster_removes_what_the_demo_put_there(
    own_kubeconfig: str, first_run: subprocess.CompletedProcess[str], as_users_cluster: dict[str, str], demo: Any
) -> None:
    done = demo.run("down", **as_users_cluster)
    twice = demo.run("down", **as_users_cluster)

    assert done.returncode == 0, done.stderr
    assert twice.returncode == 0, twice.stderr
    left = Target().ask("look", "get", "namespaces,clusterroles,clusterrolebindings", "-o", "json")
    names = {item["metadata"]["name"] for item in json.loads(left)["items"]}
    assert not [name for name in names if "frametrace" in name or name in {"cameras", "monitoring"}]
    assert not Target().read("look", "namespaces", "-l", f"{LABEL}=true")["items"]
    assert not processes.is_running(processes.read_record(state(), "forwards"))
    own = Path.home() / ".kube" / "config"
    assert (own.read_text(encoding="utf-8") if own.exists() else "absent") == own_kubeconfig
