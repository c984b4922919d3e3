"""Rows 0.1 and 0.2 by `frametrace doctor`: the SDK is installed, Jaeger is reachable, context crosses services."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest

from scripts.servers.processes import free_port
from tests.real.jaeger import JaegerServer
from tests.real.redis import RedisServer

pytestmark = pytest.mark.contract


def doctor(*arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run it; exit code and findings by name."""
    command = [sys.executable, "-m", "camera_runtime.cli.main", "doctor", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    said = json.loads(done.stdout)
    assert said["ok"] == (done.returncode == 0)
    return done.returncode, {check["name"]: check for check in said["checks"]}


@pytest.fixture(scope="module")
def findings(jaeger: JaegerServer, redis_server: RedisServer) -> dict[str, dict[str, str]]:
    code, found = doctor("--otlp", jaeger.otlp_url, "--jaeger", jaeger.query_url, "--broker", redis_server.url)
    assert code == 0, found
    return found


def test_0_1_sdk_is_installed_and_jaeger_lists_services(findings: dict[str, dict[str, str]], query: Any) -> None:
    assert findings["OpenTelemetry"]["state"] == findings["Jaeger"]["state"] == "ok"
    assert f"opentelemetry-sdk {version('opentelemetry-sdk')}" in findings["OpenTelemetry"]["found"]
    assert "`opentelemetry` has no __version__" in findings["OpenTelemetry"]["found"]
    assert "/api/services | jq '.data | length'" in findings["Jaeger"]["found"]
    assert len(query.get("/api/services")["data"]) > 0
    assert findings["broker"]["found"] == "Redis answers"


def test_0_2_doctor_sees_a_trace_of_two_services(findings: dict[str, dict[str, str]], query: Any) -> None:
    assert (findings["OTLP endpoint"]["state"], findings["propagation"]["state"]) == ("ok", "ok")
    trace_id = findings["propagation"]["found"].split()[1]
    (trace,) = query.get(f"/api/traces/{trace_id}")["data"]
    assert {process["serviceName"] for process in trace["processes"].values()} == {
        "frametrace-doctor-capture",
        "frametrace-doctor-stage",
    }


def test_0_1_what_is_missing_is_said_with_the_way_to_mend_it() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    code, found = doctor("--otlp", nowhere, "--jaeger", nowhere, "--broker", "redis://127.0.0.1:1/0")

    assert code == 1
    missing = {name: check for name, check in found.items() if check["state"] == "missing"}
    assert set(missing) == {"OTLP endpoint", "Jaeger", "broker"}
    assert all(check["mend"] for check in missing.values())
