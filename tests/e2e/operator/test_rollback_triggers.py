"""What takes tracing out by itself, each for real: lost spans, a dead Jaeger, handlers that trace too much."""

from __future__ import annotations

from pathlib import Path

import pytest
from frametrace_api.status_tracing import RollbackTrigger

from scripts.bench.rollback_parts.place import place, until
from scripts.bench.rollback_parts.run import roll_back
from scripts.bench.rollback_parts.triggers import TRIGGERS

pytestmark = pytest.mark.cluster

AUTOMATIC = [RollbackTrigger.TRACES_MISSING, RollbackTrigger.BACKEND_UNSTABLE, RollbackTrigger.OVERHEAD]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("trigger", AUTOMATIC)
async def test_each_alone_takes_tracing_out(trigger: RollbackTrigger, kubeconfig: Path, tmp_path: Path) -> None:
    assert kubeconfig
    log = tmp_path / "operator.log"
    async with place(log) as here, TRIGGERS[trigger](here, "yard", tmp_path / "jaeger") as case:
        here.start()
        await here.apply("yard", case.spec)
        await until(lambda: here.ready("yard"), "frames that flow", 150)
        found = await roll_back(here, "yard", trigger, case.begin, seconds=180)
        [report] = await here.reports("yard")
    print(f"{trigger.value}: {found.seconds:.1f} s, off after {found.live_off:.1f} s, gaps {found.gaps}")
    assert len(found.gaps) == 2  # one pause a camera; how long is the benchmark's business
    assert f"yard: {trigger.value}" in report["data"]["report.txt"]
