"""Starting servers of this machine: ports nobody else takes, and a failed start that says why."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.cluster.pins import PORTS
from scripts.servers.processes import await_server, free_port

NODE_PORTS, CONNECTIONS = 30_000, 32_768  # where Kubernetes' and Linux's own ranges begin


def _start(code: str, log_file: Path) -> subprocess.Popen[bytes]:
    with log_file.open("wb") as log:
        return subprocess.Popen([sys.executable, "-c", code], stdout=log, stderr=log)


def test_ports_are_given_once_and_never_one_that_a_connection_or_the_cluster_takes() -> None:
    ports = [free_port() for _ in range(500)]
    assert len(set(ports)) == len(ports)
    assert max(ports) < NODE_PORTS < CONNECTIONS
    assert not set(ports) & set(PORTS.values())


def test_a_port_that_is_held_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        held = holder.getsockname()[1]
        monkeypatch.setattr("scripts.servers.processes._candidates", iter([held, *range(21_000, 30_000)]))
        assert free_port() != held


def test_a_port_that_another_process_was_given_is_not_given_before_that_has_bound_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking = "from scripts.servers.processes import free_port; print(free_port(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", asking], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        theirs = int(other.stdout.readline())
        monkeypatch.setattr("scripts.servers.processes._candidates", iter([theirs, *range(21_000, 30_000)]))
        assert free_port() != theirs
        other.stdin.close()


def test_a_server_that_ends_as_it_starts_is_told_at_once_with_its_code_and_the_end_of_its_log(tmp_path: Path) -> None:
    process = _start("import sys; print('address already in use'); sys.exit(3)", tmp_path / "log")
    with pytest.raises(RuntimeError, match=r"jaeger ended with 3 while it started; its log ends: address already"):
        await_server(process, lambda: False, "jaeger", tmp_path / "log")


def test_a_silent_server_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.servers.processes.wait_for", _gives_up)
    process = _start("import time; time.sleep(60)", tmp_path / "log")
    with pytest.raises(RuntimeError, match="jaeger did not answer in 120 s; its log ends: "):
        await_server(process, lambda: False, "jaeger", tmp_path / "log")
    assert process.poll() is not None


def _gives_up(_: object, what: str) -> None:
    raise TimeoutError(what)
