"""Only the very process that was started is ended: its number alone proves nothing."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.cluster import ownership, processes


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[processes.ProcessRecord]:
    record = processes.start(
        "sleeper",
        ["/bin/sleep", "600"],
        records=tmp_path / "run",
        log=tmp_path / "sleeper.log",
        environment={processes.MARKER: "/state/of/this/test"},
        fingerprint="f",
    )
    yield record
    processes.end({record.pid: record.ticks}, grace=0)


def test_a_started_process_is_written_down(sleeper: processes.ProcessRecord, tmp_path: Path) -> None:
    assert processes.read_record(tmp_path / "run", "sleeper") == sleeper
    assert processes.is_running(sleeper)


def test_ended_is_gone(sleeper: processes.ProcessRecord) -> None:
    assert processes.end({sleeper.pid: sleeper.ticks}, grace=1.0) == {}
    assert not processes.is_running(sleeper)


def test_a_number_given_out_again_is_another_process(sleeper: processes.ProcessRecord) -> None:
    stale = dataclasses.replace(sleeper, ticks=sleeper.ticks - 1)

    assert not processes.is_running(stale)
    assert processes.end({stale.pid: stale.ticks}, grace=0) == {}
    assert processes.is_running(sleeper)


def test_a_record_from_before_a_reboot_is_of_no_process(sleeper: processes.ProcessRecord) -> None:
    assert not processes.is_running(dataclasses.replace(sleeper, boot="another"))


def test_a_killed_process_that_nobody_collected_does_not_run(sleeper: processes.ProcessRecord) -> None:
    os.kill(sleeper.pid, signal.SIGKILL)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the process table

    assert processes.start_ticks(sleeper.pid) is None
    assert not processes.is_running(sleeper)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "x"}', '{"unknown": 1}'])
def test_a_torn_record_is_no_record(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)

    assert processes.read_record(tmp_path, "x") is None


def test_no_record_is_not_running(tmp_path: Path) -> None:
    assert processes.read_record(tmp_path, "x") is None
    assert not processes.is_running(None)


_ROOT = Path("/home/a/.local/state/frametrace/cluster")
_SOCKET = _ROOT / "containerd.sock"


@pytest.mark.parametrize(
    ("environment", "command", "ours"),
    [
        (f"PATH=/bin\0FRAMETRACE_CLUSTER={_ROOT}\0", "kubelet\0", True),
        (f"FRAMETRACE_CLUSTER={_ROOT}2\0", "kubelet\0", False),
        (f"X=FRAMETRACE_CLUSTER={_ROOT}\0", "kubelet\0", False),
        ("PATH=/bin\0", f"/usr/bin/containerd-shim-runc-v2\0-namespace\0k8s.io\0-address\0{_SOCKET}\0", True),
        ("PATH=/bin\0", "/usr/bin/containerd-shim-runc-v2\0-address\0/run/containerd/containerd.sock\0", False),
        ("PATH=/bin\0", f"ctr\0--address\0{_SOCKET}\0images\0ls\0", False),
        ("", "", False),
    ],
)
def test_whose_a_process_is(environment: str, command: str, ours: bool) -> None:  # noqa: FBT001 - a table's column
    assert ownership.belongs(environment.encode(), command.encode(), _ROOT, _SOCKET) is ours
