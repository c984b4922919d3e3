"""A failure names the step, the reason and the log; locks are the kernel's, so a dead holder holds none."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.cluster import cli
from scripts.cluster.commands import answer, run_logged, succeeds
from scripts.cluster.errors import ClusterError
from scripts.cluster.lock import locked
from scripts.cluster.network import require_free_ports


def test_a_failed_command_is_told_with_its_last_words() -> None:
    with pytest.raises(ClusterError, match=r"list things failed: sh ended with code 3: first \| why"):
        answer("list things", ["sh", "-c", "echo first >&2; echo why >&2; exit 3"])


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ClusterError, match="cannot start /no/such/program"):
        answer("look", ["/no/such/program"])
    assert not succeeds(["/no/such/program"])


def test_a_long_command_leaves_its_log_and_the_error_names_it(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "x.log"
    with pytest.raises(ClusterError) as caught:
        run_logged("build x", ["sh", "-c", "echo out; echo broken >&2; exit 1"], log)

    assert (caught.value.step, caught.value.log) == ("build x", log)
    assert log.read_text() == "out\nbroken\n"
    assert str(log) in str(caught.value)


def _hold_and_die(path: str) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.kill(os.getpid(), 9)


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    child = multiprocessing.get_context("spawn").Process(target=_hold_and_die, args=(str(path),))
    child.start()
    child.join()

    with locked(path, "testing"):
        assert path.read_text().startswith("testing, process ")
    assert path.read_text() == ""


def test_a_taken_port_is_told_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ClusterError, match=rf"port {port} is held by .*process {os.getpid()}"):
            require_free_ports(["etcd"], {"etcd-peer": port}, ["127.0.0.1"])


def test_paths_are_printed_and_unknown_ones_refused_with_the_known() -> None:
    runner = CliRunner()

    assert runner.invoke(cli.app, ["path", "kubectl"]).stdout.strip().endswith("/kubectl")
    assert runner.invoke(cli.app, ["kubeconfig"]).stdout.strip().endswith("/kubeconfig")
    refused = runner.invoke(cli.app, ["path", "nothing"])
    assert isinstance(refused.exception, ClusterError)
    assert "kubectl" in refused.exception.reason
