"""One camera, two stages, 60 s on the local cluster: every captured frame has a complete trace, by identity."""

from __future__ import annotations

import pytest

from scripts.demo.places import SYSTEM
from scripts.demo.target import Target
from scripts.prove import frames_complete

CAMERA = "rtsp://camera.cameras.svc.cluster.local:8554/cam01"


@pytest.mark.cluster
@pytest.mark.timeout(480)
def test_every_captured_frame_has_a_complete_trace(installed: Target) -> None:
    count = frames_complete.run(installed, seconds=60, url=CAMERA)

    assert count.captured > 60 * 10
    assert (count.missing, count.incomplete) == ([], [])
    assert count.complete == count.captured
    operators = installed.read(
        "look at the operator", "-n", SYSTEM, "pods", "-l", "app.kubernetes.io/component=operator"
    )["items"]
    restarts = [status["restartCount"] for pod in operators for status in pod["status"]["containerStatuses"]]
    assert restarts == [0] * len(operators)
    assert operators
