"""What Redis answers is read the same however the network cuts it up, and as redis-py's own parser reads it."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest
from camera_runtime.transports.redis.parser import PictureParser
from camera_runtime.transports.redis.wire import packed
from hypothesis import given
from hypothesis import strategies as st
from redis import Connection
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse, NoScriptError, ResponseError


def resp(value: Any) -> bytes:
    match value:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % value
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(value), value)
        case list():
            return b"*%d\r\n" % len(value) + b"".join(resp(each) for each in value)
    raise TypeError(value)


class Cut:
    """A socket that gives what it has in pieces of given sizes."""

    def __init__(self, whole: bytes, sizes: list[int]) -> None:
        self._whole, self._sizes = whole, sizes or [1]

    def recv_into(self, view: memoryview) -> int:
        size = min(len(view), len(self._whole), self._sizes[0])
        self._sizes = [*self._sizes[1:], self._sizes[0]]
        view[:size], self._whole = self._whole[:size], self._whole[size:]
        return size


def parser_of(whole: bytes, sizes: list[int]) -> PictureParser:
    parser = PictureParser()
    parser.on_connect(SimpleNamespace(_sock=Cut(whole, sizes), socket_timeout=1.0))
    return parser


VALUES = st.recursive(
    st.none() | st.integers() | st.binary(max_size=40), lambda inner: st.lists(inner, max_size=5), max_leaves=12
)


@given(st.lists(VALUES, min_size=1, max_size=5), st.lists(st.integers(1, 50), min_size=1))
def test_answers_survive_every_cut(values: list[Any], sizes: list[int]) -> None:
    parser = parser_of(b"".join(resp(value) for value in values), sizes)

    assert [parser.read_response() for _ in values] == values


def test_pictures_of_all_sizes_come_whole() -> None:
    pictures = [bytes([number]) * size for number, size in enumerate((0, 1, 65_535, 65_536, 200_000, 5_000_000, 10))]
    parser = parser_of(b"".join(resp(picture) for picture in pictures), [70_000])

    assert [parser.read_response() for _ in pictures] == pictures


def test_errors_are_returned_and_fatal_ones_raised() -> None:
    parser = parser_of(b"+OK\r\n-NOSCRIPT gone\r\n-ERR odd\r\n*-1\r\n-ERR max number of clients reached\r\n", [7])

    assert parser.read_response() == b"OK"
    assert isinstance(parser.read_response(), NoScriptError)
    assert isinstance(parser.read_response(), ResponseError)
    assert parser.read_response() is None
    with pytest.raises(LostError):
        parser.read_response()


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", id="another protocol"),
        pytest.param(b"\r\n", id="an empty line"),
        pytest.param(b"x" * 1_000_000, id="a line without an end"),
        pytest.param(b"$99999999999999\r\n", id="a value beyond all memory"),
        pytest.param(b"*1\r\n" * 100_000, id="lists in lists"),
    ],
)
def test_what_is_no_redis_is_told(garbage: bytes) -> None:
    with pytest.raises(InvalidResponse):
        parser_of(garbage, [5_000]).read_response()


def test_a_closed_connection_is_told() -> None:
    with pytest.raises(LostError):
        parser_of(b"$5\r\nab", [3]).read_response()


def test_what_waits_is_seen_without_waiting() -> None:
    ours, theirs = socket.socketpair()
    parser = PictureParser()
    parser.on_connect(SimpleNamespace(_sock=ours, socket_timeout=1.0))

    assert not parser.can_read(0)
    theirs.sendall(b":1\r\n:2\r\n")
    assert parser.can_read(1)
    assert (parser.read_response(), parser.can_read(0), parser.read_response()) == (1, True, 2)
    theirs.close()
    with pytest.raises(LostError):
        parser.can_read(0)
    ours.close()


@given(st.lists(st.lists(st.integers() | st.text() | st.binary(max_size=40)), min_size=1))
def test_commands_are_packed_as_the_library_packs_them(arguments: list[list[Any]]) -> None:
    commands = [["SET", *rest] for rest in arguments]
    library = Connection().pack_commands(commands)

    assert b"".join(packed(commands)) == b"".join(library)


def test_a_picture_is_handed_to_the_socket_as_it_is() -> None:
    picture = bytes(200_000)

    pieces = packed([("SET", "key", picture, "EX", 60), ("PING",)])

    assert [piece is picture for piece in pieces] == [False, True, False]
    assert b"".join(pieces) == b"".join(Connection().pack_commands([("SET", "key", picture, "EX", 60), ("PING",)]))
