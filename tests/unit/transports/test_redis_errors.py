from __future__ import annotations

import itertools

import pytest
import redis.exceptions
from camera_runtime.transports import BrokerProblem, BrokerUnavailableError
from camera_runtime.transports.redis.connection import RedisLink, meaning_of
from frametrace_api.contract import BrokerContract

SECRET = "c4nary-s3cret"


def _kinds() -> list[type[Exception]]:
    found = [kind for kind in vars(redis.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return [*found, OSError, ConnectionResetError, TimeoutError, UnicodeError, ValueError]


def _make(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    error.args = (f"redis://:{SECRET}@host",)
    return error


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_translated_without_its_text(kind: type[Exception]) -> None:
    link = RedisLink(BrokerContract(url="redis://127.0.0.1:1/0"))

    def fail(_: object) -> None:
        raise _make(kind)

    with pytest.raises(BrokerUnavailableError) as caught:
        link.call(fail)

    assert SECRET not in str(caught.value)
    words, problem = meaning_of(_make(kind))
    assert (str(caught.value), caught.value.problem) == (f"Redis at 127.0.0.1:1 {words}", problem)
    assert caught.value.__suppress_context__
    link.close()


def test_what_a_person_must_change_has_a_word_of_its_own() -> None:
    problems = {kind: meaning_of(_make(kind))[1] for kind in _kinds()}

    refused = {
        redis.exceptions.AuthenticationError,
        redis.exceptions.AuthorizationError,
        redis.exceptions.NoPermissionError,
    }
    assert {kind for kind, problem in problems.items() if problem is BrokerProblem.UNAUTHORIZED} == refused
    assert [kind for kind, problem in problems.items() if problem is BrokerProblem.FULL] == [
        redis.exceptions.OutOfMemoryError
    ]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_a_failure_attempts_fail_at_once_for_a_moment_that_grows() -> None:
    clock, attempts = Clock(), []
    link = RedisLink(BrokerContract(url="redis://127.0.0.1:1/0"), clock=clock)

    def fail(_: object) -> None:
        attempts.append(clock.now)
        raise redis.exceptions.ConnectionError

    while clock.now < 6:
        with pytest.raises(BrokerUnavailableError, match="is not reachable"):
            link.call(fail)
        clock.now += 0.01

    gaps = [round(later - earlier, 1) for earlier, later in itertools.pairwise(attempts)]
    assert gaps[:5] == [0.1, 0.1, 0.2, 0.4, 0.8]
    assert max(gaps) == 1.0


def test_a_broken_connection_is_made_anew_once_and_the_work_repeated() -> None:
    link, seen, unsure = RedisLink(BrokerContract(url="redis://127.0.0.1:1/0")), [], []
    link.call(seen.append)

    def break_once(client: object) -> str:
        seen.append(client)
        if len(seen) == 2:
            raise redis.exceptions.ConnectionError
        return "done"

    assert link.call(break_once, uncertain=lambda: unsure.append(1)) == "done"
    assert (len({id(client) for client in seen}), seen[0] is seen[1], unsure) == (2, True, [1])
    link.close()


def test_an_answer_that_says_no_is_not_repeated() -> None:
    link, attempts = RedisLink(BrokerContract(url="redis://127.0.0.1:1/0")), []

    def refuse(_: object) -> None:
        attempts.append(1)
        raise redis.exceptions.ResponseError("WRONGTYPE")

    with pytest.raises(BrokerUnavailableError, match="refused a command"):
        link.call(refuse)
    assert attempts == [1]
    link.close()
