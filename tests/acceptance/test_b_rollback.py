"""Rows B.1 to B.3, in a real cluster: what takes tracing out by itself, what is done then, and how long it takes.

Each trigger alone, for real: spans that are lost, a Jaeger that dies, handlers that trace too much; and a person's word, for the
storage that the operator runs itself and may clear. `make bench` has the times of many, with cameras by the dozen.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from frametrace_api.status_tracing import RollbackTrigger

from scripts.bench.rollback_parts.place import Place, place, until
from scripts.bench.rollback_parts.run import NEVER, Rollback, roll_back
from scripts.bench.rollback_parts.triggers import TRIGGERS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

MOST_SECONDS = 300
AUTOMATIC = (RollbackTrigger.TRACES_MISSING, RollbackTrigger.BACKEND_UNSTABLE, RollbackTrigger.OVERHEAD)
RUNTIME = {"capture", "stage"}


@dataclass(frozen=True)
class Done:
    """What was found after a rollback: values of OTEL_SDK_DISABLED in the Deployments, and the report's text."""

    trigger: RollbackTrigger
    rollback: Rollback
    disabled: list[str]
    report: str
    status: dict[str, Any]


@pytest.fixture(scope="module", params=[*AUTOMATIC, RollbackTrigger.REQUESTED], ids=lambda trigger: trigger.value)
def done(request: pytest.FixtureRequest, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One rollback."""
    assert kubeconfig
    return asyncio.run(_roll_back(request.param, tmp_path_factory.mktemp("rollback")))


async def _roll_back(trigger: RollbackTrigger, folder: Path) -> Done:
    async with place(folder / "operator.log") as here, TRIGGERS[trigger](here, "yard", folder / "jaeger") as case:
        here.start()
        await here.apply("yard", case.spec)
        await until(lambda: here.ready("yard"), "frames that flow", 150)
        found = await roll_back(here, "yard", trigger, case.begin, seconds=MOST_SECONDS)
        if trigger is RollbackTrigger.REQUESTED:
            await until(lambda: _cleared(here), "cleared traces", 90)
        [report] = await here.reports("yard")
        status = (await here.status("yard"))["lastRollback"]
        return Done(trigger, found, await _disabled(here), report["data"]["report.txt"], status)


async def _cleared(here: Place) -> bool:
    return bool((await here.status("yard"))["lastRollback"].get("purge") == "Done")


async def _disabled(here: Place) -> list[str]:
    bodies = [
        body for body in await here.deployments("yard") if body["metadata"]["labels"]["frametrace.dev/role"] in RUNTIME
    ]
    containers = [body["spec"]["template"]["spec"]["containers"][0] for body in bodies]
    return [env["value"] for each in containers for env in each["env"] if env["name"] == "OTEL_SDK_DISABLED"]


def test_b_1_each_trigger_alone_takes_tracing_out(done: Done) -> None:
    print(f"{done.trigger.value}: {done.rollback.seconds:.1f} s, off after {done.rollback.live_off:.1f} s")

    assert done.status["trigger"] == done.trigger.value
    assert done.status["step"] == "Done"


def test_b_2_the_steps_are_all_done(done: Done) -> None:
    assert done.disabled == ["true"] * 3  # two captures and a stage
    assert len(done.rollback.gaps) == 2  # restarted without instrumentation: one pause a camera
    assert max(done.rollback.gaps) < NEVER  # and both came back
    assert f"yard: {done.trigger.value}" in done.report  # the evidence is kept
    if done.trigger is RollbackTrigger.REQUESTED:
        assert done.status["purge"] == "Done"  # the storage is this pipeline's alone; others' is never cleared


def test_b_3_it_takes_less_than_five_minutes_from_the_first_bad_frame(done: Done) -> None:
    assert 0 < done.rollback.seconds < MOST_SECONDS
