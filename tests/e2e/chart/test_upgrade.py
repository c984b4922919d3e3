"""From version 0.1.0, built from git, to this checkout and back, under a running pipeline with its Redis and Jaeger.

`make prove` does it with fifty, waits as long as the guard's own windows, and then upgrades the runtime too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.demo.target import Target
from scripts.upgrade.__main__ import images
from scripts.upgrade.plan import IN_A_TEST
from scripts.upgrade.run import there_and_back

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def test_an_upgrade_and_the_way_back_restart_no_pod_and_lose_no_status(kubeconfig: Path, tmp_path: Path) -> None:
    assert kubeconfig

    turns = there_and_back(Target(), images(), tmp_path, IN_A_TEST)

    assert [turn.name for turn in turns] == ["upgrade", "return"]
    for turn in turns:
        print(turn)
        assert (turn.replaced, turn.unexpected) == (0, []), "both versions make the same pods"
        assert turn.restarted == []
        assert turn.lost == []
