"""Row 0.2: context propagates between services. Also a plain script: `python tests/acceptance/test_trace_propagation.py`.

As a script it sends to the Jaeger on this machine (OTLP/HTTP on 4318, query on 16686, as `make demo` forwards them;
`OTEL_EXPORTER_OTLP_ENDPOINT` and `JAEGER_QUERY_URL` say otherwise), prints the trace's services, and ends with code 0
if there are two or more. One process is the camera's, a second one the stage's: only the envelope passes between them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from frame_tracking import CAPTURE_SERVICE, FrameID, Outcome, recover
from telemetry import Service, set_up_tracing

QUERY = os.environ.get("JAEGER_QUERY_URL", "http://localhost:16686")
STAGE = "motion"


def _tracer(name: str) -> Any:
    return set_up_tracing(Service(name=name, pipeline="propagation"), {**os.environ, "OTEL_SERVICE_NAME": name})


def send_a_frame() -> dict[str, str]:
    """The camera's side: capture a frame and return the envelope that goes to the stage."""
    os.environ["OTEL_SERVICE_NAME"] = CAPTURE_SERVICE
    tracer, frame_id = _tracer(CAPTURE_SERVICE), FrameID.generate()
    hop = tracer.capture(frame_id, time.time_ns(), {})
    context = hop.send("propagation", time.time_ns())
    hop.sent(time.time_ns())
    hop.end(time.time_ns())
    assert tracer.shutdown(5.0), f"not every span was exported: {tracer.counts()}"
    return {"frame_id": frame_id, "traceparent": context.traceparent, "tracestate": context.tracestate}


def receive_a_frame(envelope: dict[str, str]) -> None:
    """The stage's side: go on with the envelope's trace."""
    os.environ["OTEL_SERVICE_NAME"] = STAGE
    tracer, frame_id = _tracer(STAGE), FrameID(envelope["frame_id"])
    hop = tracer.process(
        frame_id, recover(frame_id, envelope["traceparent"], envelope["tracestate"]), time.time_ns(), {}
    )
    hop.end(time.time_ns(), Outcome.COMPLETED)
    assert tracer.shutdown(5.0), f"not every span was exported: {tracer.counts()}"


def services_of(trace_id: str) -> set[str]:
    """The services of a trace, asked for until there are two or ten seconds have passed."""
    found: set[str] = set()
    deadline = time.monotonic() + 10
    while len(found) < 2 and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{QUERY}/api/traces/{trace_id}", timeout=5) as answer:
                trace = json.load(answer)["data"][0]
            found = {process["serviceName"] for process in trace["processes"].values()}
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        time.sleep(0.1)
    return found


def main() -> int:
    if sys.argv[1:] == ["--receive"]:
        receive_a_frame(json.load(sys.stdin))
        return 0
    try:
        urllib.request.urlopen(f"{QUERY}/api/services", timeout=5).close()
    except OSError as error:
        print(f"no Jaeger answers on {QUERY} ({error}): start one with `make demo`, or set JAEGER_QUERY_URL")
        return 1
    envelope = send_a_frame()
    subprocess.run([sys.executable, __file__, "--receive"], input=json.dumps(envelope), text=True, check=True)
    trace_id = FrameID(envelope["frame_id"]).trace_id
    services = services_of(trace_id)
    print(f"trace {trace_id} of frame {envelope['frame_id']}: {len(services)} services: {', '.join(sorted(services))}")
    return 0 if len(services) >= 2 else 1


def test_0_2_context_propagates_between_services(jaeger: Any) -> None:
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": jaeger.otlp_url, "JAEGER_QUERY_URL": jaeger.query_url}

    done = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"2 services: {STAGE}, {CAPTURE_SERVICE}" in done.stdout
    assert done.stderr == ""


if __name__ == "__main__":
    sys.exit(main())
