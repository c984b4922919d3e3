"""What hangs or ends without a word fails the liveness probe, or ends the process; and what the operator tells of itself."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.real.processes import free_port

pytestmark = pytest.mark.cluster

PROBE_SECONDS = 5.0  # the chart's timeoutSeconds
SABOTAGED = "tests.real.sabotaged_operator"
FIGURES = (
    'frametrace_operator_reconciles_total{result="ok"}',
    "frametrace_operator_reconcile_duration_seconds_count",
    "frametrace_operator_queue_depth",
    'frametrace_operator_pipelines{ready="False"',
    'frametrace_operator_writes_total{what="child"}',
    "frametrace_operator_leader 1.0",
    "frametrace_operator_watch_age_seconds",
    "frametrace_operator_ledger_pass_age_seconds",
    "frametrace_operator_loop_lag_seconds",
    "process_resident_memory_bytes",
)


async def _probe(port: int) -> str:
    """What the kubelet's probe finds: empty if the process is well."""
    timeout = aiohttp.ClientTimeout(total=PROBE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://127.0.0.1:{port}/healthz") as answer,
        ):
            return "" if answer.status == 200 else await answer.text()
    except TimeoutError:
        return "no answer in time"


@pytest.fixture
async def leading(site: Any, start_operator: Any, eventually: Any) -> Any:
    """A leading operator that can be broken, and the port of its probe."""
    port = free_port()
    settings = {"FRAMETRACE_HTTP_PORT": str(port), "FRAMETRACE_WATCH_SILENCE_SECONDS": "4"}
    process = start_operator(module=SABOTAGED, **settings)
    await site.apply()
    await eventually(lambda: site.condition("Stalled"), lambda found: found[0] == "True", seconds=60)
    await asyncio.sleep(1)
    assert await _probe(port) == ""
    return process, port


async def test_a_stopped_process_and_then_an_ended_watcher_fail_the_probe(
    leading: Any, eventually: Any, log_of: Any
) -> None:
    process, port = leading
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        metrics = await answer.text()
    assert [figure for figure in FIGURES if figure not in metrics] == []
    lines = [json.loads(line) for line in log_of("one").splitlines()]
    assert {line.get("pipeline") for line in lines if line["event"] == "applying"} == {"yard"}

    process.send_signal(signal.SIGSTOP)
    assert await _probe(port) == "no answer in time"
    process.send_signal(signal.SIGCONT)
    await eventually(lambda: _probe(port), lambda found: found == "")

    process.send_signal(signal.SIGUSR2)
    await eventually(lambda: _probe(port), lambda found: "/deployments gave no sign of life" in found, seconds=12)


async def test_a_wedged_event_loop_fails_the_probe(leading: Any) -> None:
    process, port = leading
    process.send_signal(signal.SIGUSR1)
    assert await _probe(port) == "no answer in time"


async def test_a_watch_that_breaks_for_good_ends_the_process(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any, log_of: Any
) -> None:
    process = start_operator(FRAMETRACE_WATCH_SILENCE_SECONDS="2", **by_way_of(proxy.url))
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    error = {"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "the watch is broken"}}
    proxy.refuse = lambda asked: web.json_response(error) if asked.watches else None
    assert await asyncio.to_thread(process.wait, 20) == 1
    assert "the operator broke off" in log_of("one")
