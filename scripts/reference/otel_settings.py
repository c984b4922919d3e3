"""The `OTEL_*` variables that captures and stages read, and those that the operator sets for other libraries. Words only."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OTEL", "Variable"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its name, the value that holds without it, what the operator sets it to, and what it means."""

    name: str
    default: str
    operator: str
    meaning: str


def _otlp(name: str, default: str, operator: str, meaning: str) -> Variable:
    own = f"`OTEL_EXPORTER_OTLP_TRACES_{name}` wins for traces."
    return Variable(f"OTEL_EXPORTER_OTLP_{name}", default, operator, f"{meaning} {own}")


def _limit(name: str, meaning: str) -> Variable:
    return Variable(f"OTEL_{name}_LIMIT", "the SDK's", "", meaning)


OTEL: tuple[Variable, ...] = (
    Variable(
        "OTEL_SDK_DISABLED",
        "`false`",
        "reserved",
        "`true`: the process runs without instrumentation, and nothing turns it on.",
    ),
    Variable(
        "OTEL_SERVICE_NAME",
        "",
        "reserved",
        "The service that spans are of: `rtsp-capture`, or the stage's name. Journeys are found by it, so only a process of your own "
        "may have another.",
    ),
    Variable(
        "OTEL_RESOURCE_ATTRIBUTES",
        "",
        "the pod's `k8s.*`",
        "More attributes of the process, `key=value` with commas between. Yours are kept, ours are added.",
    ),
    Variable("OTEL_RESOURCE_ATTRIBUTES_POD_NAME", "", "the pod's name", "Used in `OTEL_RESOURCE_ATTRIBUTES`."),
    Variable("OTEL_RESOURCE_ATTRIBUTES_NODE_NAME", "", "the node's name", "Used in `OTEL_RESOURCE_ATTRIBUTES`."),
    Variable("OTEL_POD_IP", "", "the pod's address", "For your own use in an `env`."),
    Variable("OTEL_NODE_IP", "", "the node's address", "For your own use in an `env`, such as an agent on each node."),
    Variable(
        "OTEL_TRACES_SAMPLER",
        "`parentbased_always_on`",
        "reserved",
        "How the ratio is given until the live contract of the pipeline is read. Only the capture decides.",
    ),
    Variable(
        "OTEL_TRACES_SAMPLER_ARG",
        "`1`",
        "reserved",
        "The ratio, from 0 to 1. The operator leaves it out: a pipeline's ratio changes without a restart.",
    ),
    Variable("OTEL_CONFIG_FILE", "", "reserved", "Never read: it would make the other settings ignored."),
    Variable(
        "OTEL_PROPAGATORS",
        "",
        "`tracecontext,baggage`",
        "For libraries in handlers; frames always carry W3C Trace Context.",
    ),
    Variable(
        "OTEL_METRICS_EXPORTER", "", "`none`", "For libraries in handlers; Frametrace's metrics are at `/metrics`."
    ),
    Variable("OTEL_LOGS_EXPORTER", "", "`none`", "For libraries in handlers; logs are JSON lines on standard output."),
    Variable(
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
        "",
        "`*` where tracing is out",
        "Keeps automatic instrumentation from wrapping libraries in pods without tracing.",
    ),
    _otlp(
        "ENDPOINT",
        "`http://localhost:4318`",
        "reserved",
        "The receiver; `/v1/traces` is added. By gRPC: `http://localhost:4317`, and nothing is added.",
    ),
    _otlp("PROTOCOL", "`http/protobuf`", "`http/protobuf`", "`http/protobuf` or `grpc`."),
    _otlp(
        "HEADERS",
        "",
        "from `headersSecretRef`",
        "Headers of each request, `name=value` with commas between; never logged.",
    ),
    _otlp("COMPRESSION", "`none`", "", "`gzip`, `deflate` (not by gRPC, whose receivers refuse it) or `none`."),
    _otlp("TIMEOUT", "`10`", "", "Seconds for one request with its retries; 0 sets no limit."),
    _otlp(
        "INSECURE",
        "`false`",
        "",
        "`true`: gRPC without TLS, where the endpoint begins with neither `http://` nor `https://`.",
    ),
    _otlp("CERTIFICATE", "", "", "File of the authorities that the receiver's certificate is checked by."),
    _otlp("CLIENT_CERTIFICATE", "", "", "File of the client's certificate."),
    _otlp("CLIENT_KEY", "", "", "File of its key."),
    Variable(
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "`2048`",
        "",
        "Spans that may wait; more are dropped and counted, of one frame those of its handler first.",
    ),
    Variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "`512`", "", "Spans of one request."),
    Variable(
        "OTEL_BSP_SCHEDULE_DELAY",
        "`5000`",
        "",
        "Milliseconds between two requests while less than a batch waits.",
    ),
    Variable(
        "OTEL_BSP_EXPORT_TIMEOUT", "`30000`", "", "Milliseconds for one request with its retries; 0 sets no limit."
    ),
    _limit("ATTRIBUTE_COUNT", "Attributes of anything."),
    _limit(
        "ATTRIBUTE_VALUE_LENGTH",
        "Characters of an attribute's value; 65,536 where neither this nor the span's own is set.",
    ),
    _limit("SPAN_ATTRIBUTE_COUNT", "Attributes of a span."),
    _limit("SPAN_ATTRIBUTE_VALUE_LENGTH", "Characters of a span attribute's value."),
    _limit("SPAN_EVENT_COUNT", "Events of a span."),
    _limit("SPAN_LINK_COUNT", "Links of a span."),
    _limit("EVENT_ATTRIBUTE_COUNT", "Attributes of an event."),
    _limit("LINK_ATTRIBUTE_COUNT", "Attributes of a link."),
    Variable("FRAMETRACE_POD_NAME", "", "the pod's name", "The process's name in its ledger."),
)
"""In the order of the page."""
