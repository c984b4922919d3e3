"""Port forwards by a `kubectl` that says what the real one says: the port, why there is none, and how the connection ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.forward.base import ForwardError, OpenForward, Target
from frametrace_operator.plugin.forward.real import forward_by_kubectl

TARGET = Target("site-a", "yard-page-12345678", 8080)
TAKEN = """
echo 'Unable to listen on port 8088: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:8088: bind: address already in use]' >&2
echo 'error: unable to listen on any of the requested ports: [{8088 8080}]' >&2
exit 1
"""
STANDS = "echo 'Forwarding from 127.0.0.1:40123 -> 8080'\n"


@pytest.fixture
def forwards(tmp_path: Path) -> Callable[..., OpenForward]:
    """What opens forwards by a program that does this."""

    def by(script: str, seconds: float = 20) -> OpenForward:
        program = tmp_path / "kubectl"
        program.write_text(f"#!/bin/sh\n{script}")
        program.chmod(0o700)
        return forward_by_kubectl(Connection("site-a", "", None), str(program), seconds)

    return by


async def refusal(open_forward: OpenForward, port: int = 0) -> str:
    with pytest.raises(ForwardError) as refused:
        async with open_forward(TARGET, port):
            pass
    return str(refused.value)


async def test_a_taken_port_is_told_with_the_reason_and_the_way_out(forwards: Callable[..., OpenForward]) -> None:
    said = await refusal(forwards(TAKEN), 8088)

    assert said.startswith("kubectl port-forward: Unable to listen on port 8088: ")
    assert said.endswith("address already in use]; name another port, or none: then a free one is taken")


async def test_silence_is_told_as_silence(forwards: Callable[..., OpenForward]) -> None:
    assert await refusal(forwards("exec sleep 60", 0.2)) == "kubectl port-forward did not connect in 0.2 s"
    slow = forwards("echo 'waiting for a pod' >&2; exec sleep 60", 0.2)
    assert await refusal(slow) == "kubectl port-forward did not connect in 0.2 s: waiting for a pod"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 1", "kubectl port-forward: it ended without a word"),
        ("echo 'error: pods is forbidden' >&2; exit 1", "kubectl port-forward: error: pods is forbidden"),
    ],
)
async def test_a_kubectl_that_ends_at_once_is_told_by_its_last_word(
    script: str, said: str, forwards: Callable[..., OpenForward]
) -> None:
    assert await refusal(forwards(script)) == said


async def test_a_forward_that_stands_has_its_port_and_tells_how_it_ended(forwards: Callable[..., OpenForward]) -> None:
    lost = f"{STANDS}echo 'E1127 a first line' >&2; echo 'error: lost connection to pod' >&2; exit 1"

    async with forwards(lost)(TARGET, 0) as forward:
        assert (forward.port, await forward.ended()) == (40123, "error: lost connection to pod")


async def test_kubectl_ends_with_the_forward(tmp_path: Path, forwards: Callable[..., OpenForward]) -> None:
    script = f"trap 'touch {tmp_path}/ended; exit 0' TERM\n{STANDS}while :; do sleep 0.05; done"

    async with forwards(script)(TARGET, 0):
        assert not (tmp_path / "ended").exists()

    assert (tmp_path / "ended").exists()
