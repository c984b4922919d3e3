"""Both brokers with TLS and credentials from mounted files: rotated, wrong, missing; and nothing of them is ever told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports import Broker, BrokerProblem, BrokerUnavailableError
from frame_tracking import FrameID, FrameMetadata, TraceContext

from scripts.servers.certificates import LoopbackTLS
from tests.real.secured import FIRST_PASSWORD, Secured, secured_rabbitmq, secured_redis
from tests.real.waiting import eventually

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module", params=["Redis", "RabbitMQ"])
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_redis(tmp_path_factory.mktemp("redis")) if request.param == "Redis" else secured_rabbitmq() as server:
        yield server


@pytest.fixture
def opened() -> Iterator[list[Broker]]:
    brokers: list[Broker] = []
    yield brokers
    for broker in brokers:
        broker.close()


def _through(broker: Broker) -> bytes:
    """Send a frame and receive it."""
    frame_id = FrameID.generate()
    frame = Frame(FrameMetadata(frame_id=frame_id, timestamp=frame_id.time), b"picture")
    producer, consumer = broker.producer("cam01", "capture"), broker.consumer("motion", "capture")
    consumer.set_cameras(["cam01"])
    producer.send(frame, TraceContext.untraced(frame_id))
    delivery = consumer.receive(5)
    assert delivery is not None
    assert consumer.ack(delivery.frame)
    consumer.close()
    producer.close()
    return delivery.frame.picture


def test_frames_pass_over_tls_with_the_mounted_files(secured: Secured, tmp_path: Path, opened: list[Broker]) -> None:
    opened.append(secured.connect(tmp_path, secured.url(FIRST_PASSWORD)))

    assert _through(opened[0]) == b"picture"


def test_a_password_file_goes_before_the_url(secured: Secured, tmp_path: Path, opened: list[Broker]) -> None:
    (tmp_path / "password").write_text(f"{FIRST_PASSWORD}\n")
    opened.append(secured.connect(tmp_path, secured.url("an-old-one"), password_file=tmp_path / "password"))

    assert _through(opened[0]) == b"picture"


def test_a_rotated_password_is_taken_up_at_the_next_connection(
    secured: Secured, tmp_path: Path, opened: list[Broker]
) -> None:
    broker = secured.connect(tmp_path, secured.url(FIRST_PASSWORD))
    opened.append(broker)
    broker.ping()
    try:
        secured.set_password("another-one")
        with pytest.raises(BrokerUnavailableError) as refused:
            _ping_for_ever(broker)
        (tmp_path / "url").write_text(secured.url("another-one"))
        eventually(broker.ping)
    finally:
        secured.set_password(FIRST_PASSWORD)

    assert FIRST_PASSWORD not in str(refused.value)


def _ping_for_ever(broker: Broker) -> None:
    while True:
        broker.ping()


FAULTS = {
    "down": (BrokerProblem.UNREACHABLE, "is not reachable"),
    "wrong password": (BrokerProblem.UNAUTHORIZED, "refused the credentials"),
    "another authority": (BrokerProblem.UNREACHABLE, "a certificate that its authority did not sign"),
    "no TLS in the URL": (BrokerProblem.UNREACHABLE, "a certificate authority and a URL without TLS"),
    "TLS where there is none": (BrokerProblem.UNREACHABLE, ""),
    "no TLS where there is some": (BrokerProblem.UNREACHABLE, ""),
    "not encoded": (BrokerProblem.UNREACHABLE, "a URL that cannot be read"),
    "no scheme": (BrokerProblem.UNREACHABLE, "a URL that cannot be read"),
    "another scheme": (BrokerProblem.UNREACHABLE, "a URL that cannot be read"),
    "no such file": (BrokerProblem.UNREACHABLE, ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_or_log_tells_a_credential(
    secured: Secured, tmp_path: Path, opened: list[Broker], caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    url = {
        "down": secured.url(FIRST_PASSWORD, port=1),
        "wrong password": secured.url(f"{FIRST_PASSWORD}-wrong"),
        "no TLS in the URL": secured.url(
            FIRST_PASSWORD, scheme={"Redis": "redis", "RabbitMQ": "amqp"}[secured.kind], port=secured.plain_port
        ),
        "TLS where there is none": secured.url(FIRST_PASSWORD, port=secured.plain_port),
        "no TLS where there is some": secured.url(
            FIRST_PASSWORD, scheme={"Redis": "redis", "RabbitMQ": "amqp"}[secured.kind]
        ),
        "not encoded": secured.url(f"a#{FIRST_PASSWORD}"),
        "no scheme": f"user:{FIRST_PASSWORD}@127.0.0.1",
        "another scheme": secured.url(FIRST_PASSWORD, scheme="https"),
    }.get(fault, secured.url(FIRST_PASSWORD))
    files: dict[str, Any] = {}
    if fault == "another authority":
        files["ca_file"] = LoopbackTLS.make(tmp_path, "another").authority
    if fault == "no TLS where there is some":
        files["ca_file"] = ""
    broker = secured.connect(tmp_path, url, **files)
    opened.append(broker)
    if fault == "no such file":
        (tmp_path / "url").unlink()

    with pytest.raises(BrokerUnavailableError) as caught:
        broker.ping()

    problem, words = FAULTS[fault]
    assert (caught.value.problem, words in str(caught.value)) == (problem, True), str(caught.value)
    assert FIRST_PASSWORD not in str(caught.value) + caplog.text
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
