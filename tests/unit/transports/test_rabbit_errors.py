from __future__ import annotations

import inspect
import itertools
import socket
import ssl
from typing import Any

import pika.exceptions
import pytest
from camera_runtime.transports import BrokerProblem, BrokerUnavailableError
from camera_runtime.transports.rabbitmq.failures import BlockedError, SilentError, meaning_of
from camera_runtime.transports.rabbitmq.link import Link
from frametrace_api.contract import BrokerContract
from pika.adapters.utils import connection_workflow

SECRET = "c4nary-s3cret"
CONTRACT = BrokerContract(type="RabbitMQ", url="amqp://127.0.0.1:1/")


def _kinds() -> list[type[Exception]]:
    modules = (pika.exceptions, connection_workflow)
    found = [kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)]
    raised = [kind for kind in found if issubclass(kind, pika.exceptions.AMQPError)]
    network = [OSError, ConnectionResetError, TimeoutError, UnicodeError, ValueError, ssl.SSLError, socket.gaierror]
    return [*dict.fromkeys(raised), *network, SilentError, BlockedError]


def _make(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    error.args = (403, f"amqp://user:{SECRET}@host")
    return error


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_translated_without_its_text(kind: type[Exception]) -> None:
    link = Link(CONTRACT, "test")
    link._open = lambda: None  # type: ignore[assignment, return-value, method-assign]  # nothing is connected

    def fail(_: object) -> None:
        raise _make(kind)

    with pytest.raises(BrokerUnavailableError) as caught:
        link.call(fail)

    assert SECRET not in str(caught.value)
    words, problem = meaning_of(_make(kind))
    assert (str(caught.value), caught.value.problem) == (f"RabbitMQ at its address {words}", problem)
    assert caught.value.__suppress_context__


def _wrapped(error: BaseException) -> Exception:
    phase = connection_workflow.AMQPConnectorAMQPHandshakeError(error)
    return pika.exceptions.AMQPConnectionError(connection_workflow.AMQPConnectionWorkflowFailed([phase]))


@pytest.mark.parametrize(
    ("error", "words", "problem"),
    [
        (pika.exceptions.ConnectionClosedByBroker(403, SECRET), "refused the credentials", BrokerProblem.UNAUTHORIZED),
        (pika.exceptions.ConnectionClosedByBroker(530, SECRET), "virtual host", BrokerProblem.UNAUTHORIZED),
        (pika.exceptions.ConnectionClosedByBroker(320, SECRET), "is shutting down", BrokerProblem.UNREACHABLE),
        (_wrapped(pika.exceptions.ProbableAuthenticationError(SECRET)), "credentials", BrokerProblem.UNAUTHORIZED),
        (_wrapped(ssl.SSLCertVerificationError(SECRET)), "a certificate", BrokerProblem.UNREACHABLE),
        (_wrapped(socket.gaierror(SECRET)), "cannot be resolved", BrokerProblem.UNREACHABLE),
        (BlockedError(), "memory or disk is short", BrokerProblem.FULL),
        (KeyError(SECRET), "failed", BrokerProblem.UNREACHABLE),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_a_person_must_change_is_said(error: Exception, words: str, problem: BrokerProblem) -> None:
    told, found = meaning_of(error)

    assert words in told
    assert SECRET not in told
    assert found is problem


def test_after_a_failure_attempts_fail_at_once_for_a_moment_that_grows() -> None:
    now, attempts = [0.0], []
    link = Link(CONTRACT, "test", clock=lambda: now[0])
    link._open = lambda: None  # type: ignore[assignment, return-value, method-assign]  # nothing is connected

    def fail(_: Any) -> None:
        attempts.append(now[0])
        raise SilentError

    while now[0] < 6:
        with pytest.raises(BrokerUnavailableError, match="did not answer in time"):
            link.call(fail)
        now[0] += 0.01

    gaps = [round(later - earlier, 1) for earlier, later in itertools.pairwise(attempts)]
    assert gaps[:5] == [0.1, 0.1, 0.2, 0.4, 0.8]
    assert max(gaps) == 1.0
