"""Every error of the client has a meaning, and no text shows a credential."""

import json
from typing import Any

import aiohttp
import pytest
from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError, WaitingError
from frametrace_operator.kube.translate import FOREIGN_ERRORS, translated
from frametrace_operator.redaction import redacted
from hypothesis import given
from hypothesis import strategies as st
from kubernetes.aio.client.exceptions import ApiException, ApiTypeError, ApiValueError
from kubernetes.aio.dynamic.exceptions import api_exception


def answer(status: Any, *, message: Any = "no", headers: Any = None, causes: Any = ()) -> Any:
    body = json.dumps({"message": message, "details": {"causes": list(causes)}})
    error = ApiException(status=status, reason="Reason", body=body)
    error.headers = headers
    return api_exception(error)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415, 422])
def test_what_is_refused_needs_a_person(status: Any) -> None:
    error = translated(answer(status, message="exceeded quota"))
    assert isinstance(error, ActionNeededError)
    assert "exceeded quota" in str(error)


@pytest.mark.parametrize("status", [401, 409, 410, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: Any) -> None:
    assert isinstance(translated(answer(status)), RetryError)


def test_the_servers_own_wait_is_kept() -> None:
    error = translated(answer(429, headers={"Retry-After": "7"}))
    assert isinstance(error, RetryError)
    assert error.after == 7


def test_a_namespace_that_goes_is_waited_for() -> None:
    assert isinstance(translated(answer(403, causes=[{"reason": "NamespaceTerminating"}])), WaitingError)


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_has_a_meaning(status: Any) -> None:
    assert isinstance(translated(answer(status)), OperatorError)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectionError("refused"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError("cut"),
        TimeoutError(),
        OSError("no route"),
        json.JSONDecodeError("bad", "", 0),
        ApiTypeError("type"),
        ApiValueError("value"),
        ApiException(status=None, reason="handshake"),
    ],
)
def test_every_foreign_error_is_caught_and_has_a_meaning(error: Any) -> None:
    assert isinstance(error, FOREIGN_ERRORS)
    assert isinstance(translated(error), RetryError)


def test_an_answer_of_something_in_between_is_read_without_failing() -> None:
    error = ApiException(status=502, reason="Bad Gateway", body="<html>no</html>")
    assert str(translated(api_exception(error))) == "the API server answered 502: Bad Gateway"


@pytest.mark.parametrize(
    "text",
    [
        "cannot open rtsp://user:s3cret@cam/1",
        "redis://:s3cret@redis:6379/0 refused",
        "rtsp://user:s3cr/et@x@cam/1",
        "Authorization: Bearer s3cret.s3cret.s3cret",
        "password=s3cret",
        '{"token": "s3cret"}',
    ],
)
def test_credentials_are_taken_out(text: Any) -> None:
    assert "s3c" not in redacted(text)
    assert "s3c" not in str(translated(aiohttp.ClientConnectionError(text)))


@given(
    st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=4).filter(
        lambda text: not set(text) & set("'\"<>@")
    )
)
def test_no_password_in_a_url_is_left(password: Any) -> None:
    text = redacted(f"rtsp://admin:{password}@cameras.example/one failed")
    assert text == "rtsp://***@cameras.example/one failed"


@given(st.text())
def test_redacting_never_raises(text: Any) -> None:
    redacted(text)
