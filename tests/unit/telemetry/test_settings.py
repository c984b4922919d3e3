from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from telemetry import redact
from telemetry.limit_variables import leave_out_invalid_limits
from telemetry.otlp_settings import OtlpSettings, protocol
from telemetry.settings import BatchSettings, span_limits


def test_batches_are_as_the_specification_says_by_default() -> None:
    assert BatchSettings.read({}) == BatchSettings(2048, 512, 5.0, 30.0)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "100"}, BatchSettings(100, 100, 5.0, 30.0)),
        ({"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": " 7 "}, BatchSettings(2048, 7, 5.0, 30.0)),
        ({"OTEL_BSP_SCHEDULE_DELAY": "250", "OTEL_BSP_EXPORT_TIMEOUT": "1500"}, BatchSettings(2048, 512, 0.25, 1.5)),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "many", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "-1"}, BatchSettings()),
        ({"OTEL_BSP_EXPORT_TIMEOUT": "0"}, BatchSettings(2048, 512, 5.0, float("inf"))),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "0", "OTEL_BSP_SCHEDULE_DELAY": ""}, BatchSettings()),
    ],
)
def test_batches_follow_the_environment_and_ignore_what_is_no_number(
    environ: dict[str, str], expected: BatchSettings
) -> None:
    assert BatchSettings.read(environ) == expected


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, "http://localhost:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://jaeger:4318"}, "http://jaeger:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://jaeger:4318/otlp/"}, "http://jaeger:4318/otlp/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://jaeger:4318/as-it-is"}, "http://jaeger:4318/as-it-is"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/t"},
            "http://b/t",
        ),
    ],
)
def test_the_endpoint_is_as_the_specification_says(environ: dict[str, str], endpoint: str) -> None:
    assert OtlpSettings.read(environ).endpoint == endpoint


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, "http://localhost:4317"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, "collector:4317"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b"}, "http://b"),
    ],
)
def test_an_endpoint_of_grpc_is_taken_as_it_is(environ: dict[str, str], endpoint: str) -> None:
    assert OtlpSettings.read(environ, grpc=True).endpoint == endpoint


def test_an_endpoint_that_a_command_names_wins_over_the_environment() -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/t",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
    }
    settings = OtlpSettings.to("http://named:4318", environ)

    assert (settings.endpoint, settings.compression) == ("http://named:4318/v1/traces", "gzip")


def test_what_is_for_traces_wins_and_values_are_decoded() -> None:
    settings = OtlpSettings.read(
        {
            "OTEL_EXPORTER_OTLP_HEADERS": "a=general",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "Authorization=Bearer%20t0ken-of-a-test,b=2",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "none",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "2.5",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/client.pem",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/client.key",
        }
    )

    assert settings.headers == {"authorization": "Bearer t0ken-of-a-test", "b": "2"}
    assert (settings.compression, settings.timeout_seconds) == ("", 2.5)
    assert (settings.certificate, settings.client) == ("/ca.pem", ("/client.pem", "/client.key"))
    assert "t0ken" not in repr(settings)


def test_a_time_out_of_zero_is_next_to_none() -> None:
    assert OtlpSettings.read({"OTEL_EXPORTER_OTLP_TIMEOUT": "0"}).timeout_seconds == 3600


@pytest.mark.parametrize(
    "headers", ["a=1,api-key=s3cret%0Aof-a-test", 'a=1,api-key="s3cret of-a-test"', "a=1,s3cret of-a-test"]
)
def test_a_header_that_cannot_be_sent_is_said_without_its_value(
    headers: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    read = OtlpSettings.read({"OTEL_EXPORTER_OTLP_HEADERS": headers})

    said = redact(capsys.readouterr().out + caplog.text)
    assert dict(read.headers) == {"a": "1"}
    assert said
    assert "s3cret" not in said


LEAKY = """
import time
from frame_tracking import FrameID
from telemetry import Service, set_up_logs, set_up_tracing
set_up_logs("x")
tracer = set_up_tracing(Service("x"), make_global=False)
tracer.capture(FrameID.generate(), 1, {}).end(2)
tracer.shutdown(5)
"""


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
@pytest.mark.parametrize("headers", ["api-key=s3cret%0Aof-a-test", 's3cret of-a-test,b="s3cret c"', "x-\u00e9=s3cret"])
def test_no_part_of_the_headers_is_logged_by_either_protocol(protocol: str, headers: str) -> None:
    settings = {"ENDPOINT": "http://127.0.0.1:1", "PROTOCOL": protocol, "HEADERS": headers, "TIMEOUT": "0.2"}
    environ = {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in settings.items()}
    ran = subprocess.run(
        [sys.executable, "-c", LEAKY], env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )

    said = ran.stdout + ran.stderr
    assert ran.returncode == 0
    assert "spans not taken" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(("name", "value"), [("COMPRESSION", "zip"), ("TIMEOUT", "soon"), ("TIMEOUT", "-1")])
def test_what_cannot_be_used_is_ignored(name: str, value: str) -> None:
    assert OtlpSettings.read({f"OTEL_EXPORTER_OTLP_{name}": value}) == OtlpSettings()


def test_deflate_is_ignored_by_grpc_whose_receivers_refuse_it(capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"OTEL_EXPORTER_OTLP_COMPRESSION": "deflate"}

    assert OtlpSettings.read(environ).compression == "deflate"
    assert capsys.readouterr().out == ""
    assert OtlpSettings.read(environ, grpc=True).compression == ""
    assert "OTEL_EXPORTER_OTLP_COMPRESSION" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, "grpc"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, "http/protobuf"),
    ],
)
def test_the_protocol_is_one_that_there_is(environ: dict[str, str], expected: str) -> None:
    assert protocol(environ) == expected


def test_a_values_length_is_bounded_even_where_the_environment_says_nothing(monkeypatch: Any) -> None:
    assert span_limits({}).max_span_attribute_length == 65_536
    monkeypatch.setenv("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "9")
    assert span_limits({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "9"}).max_span_attribute_length == 9


def test_limits_that_are_no_whole_numbers_are_left_out_of_the_environment() -> None:
    environ = {
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "abc",
        "OTEL_SPAN_EVENT_COUNT_LIMIT": "-1",
        "OTEL_SPAN_LINK_COUNT_LIMIT": " 7 ",
        "OTEL_ATTRIBUTE_COUNT_LIMIT": "",
        "OTHER": "abc",
    }

    left_out = leave_out_invalid_limits(environ)

    assert left_out == ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT")
    assert environ == {"OTEL_SPAN_LINK_COUNT_LIMIT": " 7 ", "OTHER": "abc"}


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"])
def test_a_process_starts_whatever_its_limits_say(name: str) -> None:
    program = "from telemetry import Service, set_up_tracing; set_up_tracing(Service('x'), make_global=False)"
    ran = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, name: "abc"}, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, name in ran.stdout + ran.stderr) == (0, True)
