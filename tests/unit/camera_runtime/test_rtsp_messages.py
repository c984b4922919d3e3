from __future__ import annotations

from itertools import pairwise

import pytest
from camera_runtime.capture.rtsp_messages import Message, MessageReader, ProtocolError
from hypothesis import given
from hypothesis import strategies as st

DESCRIBE = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n"
REDIRECT = b"RTSP/1.0 302 Moved Temporarily\r\nCSeq: 2\r\nLocation: rtsp://other/\r\n\r\n"
PACKET = b"$\x00\x00\x04abcd"


def test_messages_and_packets_are_told_apart() -> None:
    assert list(MessageReader().feed(DESCRIBE + PACKET + REDIRECT)) == [
        Message(200, 2, DESCRIBE),
        Message(0, -1, PACKET),
        Message(302, 2, REDIRECT),
    ]


@given(st.lists(st.sampled_from([DESCRIBE, PACKET, REDIRECT]), max_size=6), st.data())
def test_it_does_not_matter_how_the_bytes_are_cut(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    reader = MessageReader()
    edges = [0, *cuts, len(whole)]
    found = [message for a, b in pairwise(edges) for message in reader.feed(whole[a:b])]
    assert [message.data for message in found] == parts
    assert reader.rest() == b""


@given(st.binary(max_size=400))
def test_any_bytes_are_passed_on_whole_or_refused(data: bytes) -> None:
    reader = MessageReader()
    try:
        passed = b"".join(message.data for message in reader.feed(data))
    except ProtocolError:
        return
    assert passed + reader.rest() == data


@pytest.mark.parametrize(
    "answer",
    [
        b"RTSP/1.0 2\r00 OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 4\r\nContent-Length: 900\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 0x10\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n$\x00\x00\x01a: b\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nA: b\x00c\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nA: " + b"b" * 5000 + b"\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * 10_000,
        b"REDIRECT rtsp://other/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_what_two_readers_could_take_differently_is_refused(answer: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(MessageReader().feed(answer))
