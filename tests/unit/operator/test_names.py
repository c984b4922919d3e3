"""Looking names up: what one name that nobody answers for costs the others, while it lasts and afterwards."""

import asyncio
import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from frametrace_operator.hooks.names import Names

HERE = [(socket.AF_INET, socket.IPPROTO_TCP, "127.0.0.1")]


class Dns:
    """A DNS that answers for no name that begins with `dead`, until `wake`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = Event()

    def __call__(self, host: str, *_: Any, **__: Any) -> Any:
        self.asked.append(host)
        if host.startswith("dead"):
            self.answers.wait(20)
        if host.startswith("no"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 0))]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dns]:
    made = Dns()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    yield made
    made.answers.set()


async def test_a_name_is_looked_up_as_the_system_does(dns: Dns) -> None:
    names = Names()

    assert await names.addresses("jaeger") == HERE
    assert await names.addresses("jaeger", socket.AF_INET) == HERE
    with pytest.raises(socket.gaierror, match="no such name"):
        await names.addresses("nobody")
    assert dns.asked == ["jaeger", "jaeger", "nobody"], "nothing that was answered in time is kept"


async def test_a_silent_dns_keeps_nobody_waiting_for_long_and_is_asked_once_for_a_name(dns: Dns) -> None:
    names = Names(seconds=0.05)

    for _ in range(3):
        told = await asyncio.gather(*(names.addresses("dead") for _ in range(20)), return_exceptions=True)
        assert {str(each) for each in told} == {f"[Errno {socket.EAI_AGAIN}] the DNS does not answer for its name"}

    assert dns.asked == ["dead"]


async def test_names_that_nobody_answers_for_keep_none_from_being_looked_up_that_answered_before(dns: Dns) -> None:
    names = Names(seconds=0.1, threads=2)
    assert await names.addresses("jaeger") == HERE

    dead = [asyncio.ensure_future(names.addresses(f"dead{n}")) for n in range(40)]
    await asyncio.sleep(0)

    for _ in range(5):
        assert await names.addresses("jaeger") == HERE
    assert all(isinstance(each, socket.gaierror) for each in await asyncio.gather(*dead, return_exceptions=True))
    assert sum(host.startswith("dead") for host in dns.asked) == 2, "each holds a thread, and there are two"


async def test_an_answer_that_came_late_is_there_for_the_next_one_who_asks(dns: Dns) -> None:
    names = Names(seconds=0.05)
    with pytest.raises(socket.gaierror):
        await names.addresses("deadline")

    dns.answers.set()
    for _ in range(200):
        try:
            told = await names.addresses("deadline")
            break
        except socket.gaierror:
            await asyncio.sleep(0.005)

    assert told == HERE
    assert await names.addresses("deadline") == HERE
    assert dns.asked.count("deadline") == 1, "a DNS that always takes that long is no reason to know nothing"


@pytest.mark.parametrize("host", ["a\0b", "é" * 80, "a" * 80 + ".test"])
async def test_what_is_no_name_ends_nothing(host: str) -> None:
    names = Names()
    with pytest.raises((OSError, ValueError)):
        await names.addresses(host)
    assert await names.addresses("127.0.0.1") == HERE
