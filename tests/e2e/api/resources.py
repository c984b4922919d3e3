"""Resources to be refused or accepted: one table, used on a real API server and on the Python models."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]
REMOVE = object()
URL = "/spec/cameras/0/source/url"
STAGE = "/spec/stages/0"
ENV = f"{STAGE}/env"
BACKEND = "/spec/tracing/backend"
SAMPLING = "/spec/tracing/sampling"
REF = {"name": "secret", "key": "value"}
SERVICE_NAME = {"name": "OTEL_SERVICE_NAME", "value": "reader"}
EXTERNAL_JAEGER = {"otlpEndpoint": "http://jaeger:4318", "queryUrl": "http://jaeger:16686"}


def minimal(name: str = "entrance") -> Resource:
    """One camera, two stages."""
    return {
        "apiVersion": "frametrace.dev/v1alpha1",
        "kind": "CameraPipeline",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "cameras": [{"id": "cam01", "source": {"url": "rtsp://camera.cameras:8554/cam01"}}],
            "stages": [
                {"name": "motion", "handler": "motion"},
                {"name": "verify", "input": "motion", "handler": "motion"},
            ],
        },
    }


def patched(resource: Resource, patch: Mapping[str, Any]) -> Resource:
    """A copy with values set at JSON pointers; missing objects on the way are made."""
    result = copy.deepcopy(resource)
    for pointer, value in patch.items():
        *parents, last = pointer.removeprefix("/").split("/")
        node: Any = result
        for part in parents:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        if value is REMOVE:
            del node[int(last) if isinstance(node, list) else last]
        elif isinstance(node, list):
            node[int(last) : int(last) + 1] = [value]
        else:
            node[last] = value
    return result


@dataclass(frozen=True)
class Refused:
    """A resource that nobody may create; `field` and `words` are in the answer."""

    name: str
    patch: Mapping[str, Any]
    field: str
    words: str

    def resource(self) -> Resource:
        return patched(minimal(), self.patch)


def _camera(number: int) -> Resource:
    return {"id": f"cam{number:03d}", "source": {"url": "test://"}}


def _chain(length: int) -> list[Resource]:
    return [{"name": f"s{n}", "handler": "motion"} | ({"input": f"s{n - 1}"} if n else {}) for n in range(length)]


def _variables(count: int, prefix: str = "V") -> list[Resource]:
    return [{"name": f"{prefix}{n}", "value": "x"} for n in range(count)]


def _url(name: str, url: str, words: str) -> Refused:
    return Refused(name, {URL: url}, "spec.cameras[0].source.url", words)


def _variable(name: str, variable: Resource, field: str, words: str) -> Refused:
    return Refused(name, {ENV: [variable]}, f"spec.stages[0].env[0]{field}", words)


_URLS = (
    _url("url_with_password", "rtsp://admin:s3cret@camera/1", "credentialsSecretRef"),
    _url("url_with_user", "rtsp://admin@camera/1", "credentialsSecretRef"),
    _url("url_with_password_before_test", "test://user:s3cret@x", "credentialsSecretRef"),
    _url("url_http", "http://camera/stream", "rtsp://"),
    _url("url_file", "file:///etc/passwd", "rtsp://"),
    _url("url_concat", "concat:rtsp://camera/1", "rtsp://"),
    _url("url_upper_case_scheme", "RTSP://camera/1", "rtsp://"),
    _url("url_without_scheme", "camera/1", "rtsp://"),
    _url("url_with_space", "rtsp://camera/a b", "percent-encode"),
    _url("url_with_newline", "rtsp://camera/a\nSETUP", "percent-encode"),
    _url("url_with_newline_at_its_end", "rtsp://camera/a\n", "percent-encode"),
    _url("url_with_control_character", "rtsp://camera/a\u0007", "percent-encode"),
    _url("url_with_backslash", "rtsp://camera\\@evil/a", "percent-encode"),
    _url("url_with_unicode", "rtsp://kamera/büro", "percent-encode"),
    _url("url_without_host", "rtsp:///stream", "needs a host"),
    _url("url_with_port_only", "rtsp://:554/stream", "needs a host"),
    _url("url_port_too_large", "rtsp://camera:65536/1", "1 to 65535"),
    _url("url_port_zero", "rtsp://camera:0/1", "1 to 65535"),
    _url("url_empty_port", "rtsp://camera:/1", "1 to 65535"),
    _url("url_empty", "", "at least 1"),
    _url("url_too_long", "rtsp://camera/" + "a" * 512, "may not be more than 512"),
)

_CAMERAS = (
    Refused("no_cameras", {"/spec/cameras": []}, "spec.cameras", "at least 1"),
    Refused("cameras_left_out", {"/spec/cameras": REMOVE}, "spec.cameras", "Required"),
    Refused("too_many_cameras", {"/spec/cameras": [_camera(n) for n in range(129)]}, "spec.cameras", "128"),
    Refused("duplicate_camera", {"/spec/cameras": [_camera(1), _camera(1)]}, "spec.cameras[1]", "Duplicate"),
    Refused("camera_id_upper_case", {"/spec/cameras/0/id": "Cam01"}, "spec.cameras[0].id", "lower-case"),
    Refused("camera_id_underscore", {"/spec/cameras/0/id": "cam_01"}, "spec.cameras[0].id", "lower-case"),
    Refused("camera_id_trailing_hyphen", {"/spec/cameras/0/id": "cam-"}, "spec.cameras[0].id", "lower-case"),
    Refused("camera_id_too_long", {"/spec/cameras/0/id": "c" * 33}, "spec.cameras[0].id", "32"),
    Refused("camera_id_with_newline", {"/spec/cameras/0/id": "cam\n"}, "spec.cameras[0].id", "lower-case"),
    Refused("camera_without_source", {"/spec/cameras/0/source": REMOVE}, "spec.cameras[0].source", "Required"),
    Refused("camera_unknown_field", {"/spec/cameras/0/sauce": {}}, "spec.cameras[0].sauce", "unknown field"),
    Refused(
        "camera_ratio_above_one", {"/spec/cameras/0/tracing": {"ratio": "1.01"}}, "spec.cameras[0].tracing.ratio", "0"
    ),
    Refused(
        "sub_stream_without_address",
        {"/spec/cameras/0/source/stream": "Sub"},
        "spec.cameras[0].source.subUrl",
        "set subUrl",
    ),
    Refused("unknown_stream", {"/spec/cameras/0/source/stream": "Third"}, "spec.cameras[0].source.stream", "Main"),
    Refused(
        "sub_url_with_password",
        {"/spec/cameras/0/source/subUrl": "rtsp://a:b@c/1"},
        "spec.cameras[0].source.subUrl",
        "credentialsSecretRef",
    ),
    Refused(
        "secret_of_another_namespace",
        {"/spec/cameras/0/source/credentialsSecretRef": {"name": "other/secret"}},
        "credentialsSecretRef.name",
        "should match",
    ),
)

_CAPTURE_AND_BROKER = (
    Refused("unknown_mode", {"/spec/mode": "Paused"}, "spec.mode", "Suspended"),
    *(
        Refused(name, {"/spec/capture/framesPerSecond": rate}, "spec.capture.framesPerSecond", "above 0")
        for name, rate in (
            ("no_frames", 0),
            ("no_frames_as_text", "0.000"),
            ("negative_frames", -1),
            ("too_many_frames", 241),
            ("frames_in_words", "five"),
        )
    ),
    Refused(
        "frames_per_second_as_fraction",
        {"/spec/capture/framesPerSecond": 2.5},
        "spec.capture.framesPerSecond",
        "integer",
    ),
    Refused("quality_above_100", {"/spec/capture/jpegQuality": 101}, "spec.capture.jpegQuality", "100"),
    Refused("unknown_encoding", {"/spec/capture/encoding": "PNG"}, "spec.capture.encoding", "JPEG"),
    Refused("image_with_space", {"/spec/capture/image": "registry/app :1"}, "spec.capture.image", "without spaces"),
    Refused("image_with_newline", {"/spec/capture/image": "registry/app:1\n"}, "spec.capture.image", "without spaces"),
    Refused(
        "memory_not_a_quantity",
        {"/spec/capture/resources/limits": {"memory": "lots"}},
        "spec.capture.resources.limits.memory",
        "should match",
    ),
    Refused("rabbitmq_run_by_nobody", {"/spec/broker": {"type": "RabbitMQ"}}, "spec.broker.external", "urlSecretRef"),
    Refused(
        "rabbitmq_drops_oldest",
        {"/spec/broker": {"type": "RabbitMQ", "overflow": "DropOldest", "external": {"urlSecretRef": REF}}},
        "spec.broker.overflow",
        "DropNewest or Block",
    ),
    Refused("unknown_broker", {"/spec/broker/type": "Kafka"}, "spec.broker.type", "RabbitMQ"),
    Refused(
        "external_broker_without_url", {"/spec/broker/external": {}}, "spec.broker.external.urlSecretRef", "Required"
    ),
    Refused(
        "frames_kept_for_ever",
        {"/spec/broker/retention/frameSeconds": 86_401},
        "spec.broker.retention.frameSeconds",
        "86400",
    ),
)

_STAGES = (
    Refused("too_many_stages", {"/spec/stages": _chain(33)}, "spec.stages", "32"),
    Refused(
        "duplicate_stage",
        {"/spec/stages/1/name": "motion", "/spec/stages/1/input": "capture"},
        "spec.stages[1]",
        "Duplicate",
    ),
    Refused(
        "stage_reads_a_later_one",
        {f"{STAGE}/input": "verify", "/spec/stages/1/input": "capture"},
        "spec.stages",
        "stage motion has input verify",
    ),
    Refused("stage_reads_itself", {"/spec/stages/1/input": "verify"}, "spec.stages", "stage verify has input verify"),
    Refused("stage_reads_nobody", {"/spec/stages/1/input": "people"}, "spec.stages", "stage verify has input people"),
    Refused("stages_in_a_ring", {f"{STAGE}/input": "verify"}, "spec.stages", "stage motion has input verify"),
    Refused("stage_named_capture", {"/spec/stages/1/name": "capture"}, "spec.stages[1].name", "another name"),
    Refused(
        "stage_named_as_the_capture_service",
        {"/spec/stages/1/name": "rtsp-capture"},
        "spec.stages[1].name",
        "another name",
    ),
    Refused("stage_name_with_dot", {"/spec/stages/1/name": "a.b"}, "spec.stages[1].name", "lower-case"),
    Refused("stage_name_too_long", {"/spec/stages/1/name": "s" * 33}, "spec.stages[1].name", "32"),
    Refused("stage_without_handler", {f"{STAGE}/handler": REMOVE}, "spec.stages[0].handler", "Required"),
    Refused(
        "unknown_built_in_handler", {f"{STAGE}/handler": "magic"}, "spec.stages[0].handler", "motion, resize, archive"
    ),
    Refused("handler_is_a_command", {f"{STAGE}/handler": "os:system; rm -rf /"}, "spec.stages[0].handler", "<module>"),
    Refused("own_handler_without_image", {f"{STAGE}/handler": "people:detect"}, "spec.stages[0].handler", "set image"),
    Refused("no_replicas", {f"{STAGE}/replicas": 0}, "spec.stages[0].replicas", "1"),
    Refused("too_many_deliveries", {f"{STAGE}/maxDeliveries": 101}, "spec.stages[0].maxDeliveries", "100"),
    Refused(
        "endless_handler", {f"{STAGE}/handlerTimeoutSeconds": 3601}, "spec.stages[0].handlerTimeoutSeconds", "3600"
    ),
)

_PODS = (
    *(
        _variable(f"reserved_{name.lower()}", {"name": name, "value": "x"}, ".name", name)
        for name in (
            "OTEL_SDK_DISABLED",
            "OTEL_CONFIG_FILE",
            "OTEL_TRACES_SAMPLER",
            "OTEL_TRACES_SAMPLER_ARG",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "FRAMETRACE_CONFIG",
        )
    ),
    Refused(
        "reserved_in_pod_settings",
        {"/spec/capture/podSettings/env": [{"name": "OTEL_SDK_DISABLED", "value": "false"}]},
        "spec.capture.podSettings.env[0].name",
        "OTEL_SDK_DISABLED",
    ),
    _variable("reserved_service_name", SERVICE_NAME, ".name", "OTEL_SERVICE_NAME is set by the operator itself"),
    _variable("reserved_service_name_way_out", SERVICE_NAME, ".name", "OTEL_RESOURCE_ATTRIBUTES"),
    Refused(
        "reserved_service_name_of_captures",
        {"/spec/capture/podSettings/env": [SERVICE_NAME]},
        "spec.capture.podSettings.env[0].name",
        "OTEL_SERVICE_NAME",
    ),
    _variable("variable_with_equals_sign", {"name": "A=B", "value": "x"}, ".name", "letters, digits and underscores"),
    _variable("variable_with_digit_first", {"name": "1A"}, ".name", "letters, digits and underscores"),
    _variable("variable_with_nul", {"name": "A", "value": "x\u0000"}, ".value", "should match"),
    _variable("variable_too_long", {"name": "A", "value": "x" * 4097}, ".value", "4096"),
    _variable(
        "variable_with_two_values",
        {"name": "A", "value": "x", "valueFrom": {"secretKeyRef": REF}},
        ".valueFrom",
        "not both",
    ),
    _variable("variable_from_nothing", {"name": "A", "valueFrom": {}}, ".valueFrom", "exactly one"),
    _variable(
        "variable_from_two",
        {"name": "A", "valueFrom": {"secretKeyRef": REF, "configMapKeyRef": REF}},
        ".valueFrom",
        "exactly one",
    ),
    _variable(
        "variable_from_unknown_field",
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.secret"}}},
        ".valueFrom.fieldRef.fieldPath",
        "should match",
    ),
    Refused("duplicate_variable", {ENV: [*_variables(1), *_variables(1)]}, "spec.stages[0].env[1]", "Duplicate"),
    Refused("too_many_variables", {ENV: _variables(65)}, "spec.stages[0].env", "64"),
    Refused(
        "too_many_variables_together",
        {ENV: _variables(40), f"{STAGE}/podSettings/env": _variables(25, "P")},
        "spec.stages[0].env",
        "64",
    ),
    Refused(
        "toleration_without_key",
        {f"{STAGE}/podSettings/tolerations": [{}]},
        "spec.stages[0].podSettings.tolerations[0].operator",
        "Exists",
    ),
    Refused(
        "toleration_exists_with_value",
        {f"{STAGE}/podSettings/tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]},
        "spec.stages[0].podSettings.tolerations[0].value",
        "Equal",
    ),
    Refused(
        "toleration_seconds_without_effect",
        {f"{STAGE}/podSettings/tolerations": [{"key": "a", "tolerationSeconds": 5}]},
        "spec.stages[0].podSettings.tolerations[0].tolerationSeconds",
        "NoExecute",
    ),
    Refused(
        "node_label_not_a_value",
        {f"{STAGE}/podSettings/nodeSelector": {"disk": "solid state"}},
        "spec.stages[0].podSettings.nodeSelector.disk",
        "should match",
    ),
    Refused(
        "affinity_with_unknown_operator",
        {
            f"{STAGE}/podSettings/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Near"}]}]
            }
        },
        "nodeSelectorTerms[0].matchExpressions[0].operator",
        "NotIn",
    ),
    Refused(
        "affinity_in_nothing",
        {
            f"{STAGE}/podSettings/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In"}]}]
            }
        },
        "nodeSelectorTerms[0].matchExpressions[0].values",
        "need values",
    ),
    Refused(
        "affinity_keys_without_selector",
        {
            f"{STAGE}/podSettings/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "zone", "matchLabelKeys": ["app"]}
            ]
        },
        "requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector",
        "set one",
    ),
    Refused(
        "request_above_limit",
        {f"{STAGE}/resources": {"requests": {"cpu": "1500m"}, "limits": {"cpu": 1}}},
        "spec.stages[0].resources.requests",
        "lower the request",
    ),
    Refused(
        "extended_resource_without_limit",
        {f"{STAGE}/resources": {"requests": {"nvidia.com/gpu": 1}}},
        "spec.stages[0].resources.limits",
        "same number in limits",
    ),
    Refused(
        "half_an_extended_resource",
        {f"{STAGE}/resources": {"limits": {"nvidia.com/gpu": "0.5"}}},
        "spec.stages[0].resources.limits",
        "whole numbers",
    ),
    Refused(
        "resource_without_domain",
        {f"{STAGE}/resources": {"limits": {"gpu": 1}}},
        "spec.stages[0].resources.limits",
        "named as in a Pod",
    ),
    Refused(
        "node_label_that_is_no_key",
        {f"{STAGE}/podSettings/nodeSelector": {"solid state": "yes"}},
        "spec.stages[0].podSettings.nodeSelector",
        "label key",
    ),
    *(
        Refused(
            name,
            {f"{STAGE}/podSettings/volumes": [{"mountPath": path, "emptyDir": {"sizeLimit": "1Gi"}}]},
            "spec.stages[0].podSettings.volumes[0].mountPath",
            words,
        )
        for name, path, words in (
            ("volume_over_secrets", "/etc/frametrace/secrets", "hide a directory"),
            ("volume_over_tmp", "/tmp", "hide a directory"),
            ("volume_with_backsteps", "/data/../etc", "absolute"),
            ("volume_at_no_path", "data", "absolute"),
        )
    ),
    Refused(
        "volume_of_nothing",
        {f"{STAGE}/podSettings/volumes": [{"mountPath": "/data"}]},
        "spec.stages[0].podSettings.volumes[0]",
        "exactly one",
    ),
    Refused(
        "volume_of_the_host",
        {f"{STAGE}/podSettings/volumes": [{"mountPath": "/data", "hostPath": {"path": "/"}}]},
        "spec.stages[0].podSettings.volumes[0].hostPath",
        "unknown field",
    ),
    Refused(
        "two_volumes_at_one_path",
        {f"{STAGE}/podSettings/volumes": [{"mountPath": "/data", "emptyDir": {"sizeLimit": "1Gi"}}] * 2},
        "spec.stages[0].podSettings.volumes[1]",
        "Duplicate",
    ),
    Refused(
        "host_network",
        {f"{STAGE}/podSettings/hostNetwork": True},
        "spec.stages[0].podSettings.hostNetwork",
        "unknown field",
    ),
)

_TRACING = (
    Refused(
        "two_backends",
        {BACKEND: {"managed": {}, "external": EXTERNAL_JAEGER}},
        "spec.tracing.backend.external",
        "remove one",
    ),
    Refused(
        "external_without_query_url",
        {BACKEND: {"external": {"otlpEndpoint": "http://j:4318"}}},
        "spec.tracing.backend.external.queryUrl",
        "Required",
    ),
    Refused(
        "otlp_with_password",
        {BACKEND: {"external": EXTERNAL_JAEGER | {"otlpEndpoint": "http://a:b@j:4318"}}},
        "spec.tracing.backend.external.otlpEndpoint",
        "Secret",
    ),
    *(
        Refused(
            f"{name}_not_an_ipv6_address",
            {BACKEND: {"external": EXTERNAL_JAEGER | {name: url}}},
            f"spec.tracing.backend.external.{name}",
            "IPv6 address",
        )
        for name, url in (("otlpEndpoint", "http://[1:2]:4318"), ("queryUrl", "http://[::1::2]"))
    ),
    Refused(
        "query_url_not_http",
        {BACKEND: {"external": EXTERNAL_JAEGER | {"queryUrl": "jaeger:16686"}}},
        "spec.tracing.backend.external.queryUrl",
        "http://",
    ),
    *(
        Refused(
            name,
            {BACKEND: {"external": EXTERNAL_JAEGER | {field: url}}},
            f"spec.tracing.backend.external.{field}",
            "no query",
        )
        for name, field, url in (
            ("otlp_with_query", "otlpEndpoint", "http://j:4318?tenant=a"),
            ("query_url_with_fragment", "queryUrl", "http://j:16686/#/search"),
        )
    ),
    Refused(
        "traces_gone_before_the_guard_looks",
        {"/spec/tracing/retention/traceSeconds": 60, "/spec/tracing/guard/windowSeconds": 60},
        "spec.tracing.retention",
        "guard.windowSeconds + guard.settleSeconds",
    ),
    Refused(
        "unknown_storage",
        {BACKEND: {"managed": {"storage": "Cassandra"}}},
        "spec.tracing.backend.managed.storage",
        "Badger",
    ),
    Refused("storage_not_a_size", {BACKEND: {"managed": {"size": "big"}}}, "spec.tracing.backend.managed.size", "unit"),
    Refused("storage_too_small", {BACKEND: {"managed": {"size": "1Mi"}}}, "spec.tracing.backend.managed.size", "64Mi"),
    Refused("ratio_above_one", {f"{SAMPLING}/ratio": "1.000001"}, "spec.tracing.sampling.ratio", "0"),
    Refused("ratio_negative", {f"{SAMPLING}/ratio": "-0.1"}, "spec.tracing.sampling.ratio", "0"),
    Refused("ratio_as_percent", {f"{SAMPLING}/ratio": "50%"}, "spec.tracing.sampling.ratio", "0.25"),
    Refused("ratio_not_quoted", {f"{SAMPLING}/ratio": 1}, "spec.tracing.sampling.ratio", "string"),
    Refused("keep_errors_as_boolean", {f"{SAMPLING}/keepErrors": True}, "spec.tracing.sampling.keepErrors", "string"),
    Refused(
        "traces_kept_no_time", {"/spec/tracing/retention/traceSeconds": 59}, "spec.tracing.retention.traceSeconds", "60"
    ),
    Refused(
        "budget_not_a_quantity", {"/spec/tracing/budget/bytesPerDay": "10 GB"}, "spec.tracing.budget.bytesPerDay", "10G"
    ),
    Refused(
        "budget_of_nothing", {"/spec/tracing/budget/bytesPerDay": "0"}, "spec.tracing.budget.bytesPerDay", "above 0"
    ),
    Refused(
        "missing_above_100_percent",
        {"/spec/tracing/guard/maxMissingPercent": "100.1"},
        "spec.tracing.guard.maxMissingPercent",
        "100",
    ),
    Refused(
        "overhead_with_percent_sign",
        {"/spec/tracing/guard/maxOverheadPercent": "5%"},
        "spec.tracing.guard.maxOverheadPercent",
        "no % sign",
    ),
    Refused("window_too_short", {"/spec/tracing/guard/windowSeconds": 4}, "spec.tracing.guard.windowSeconds", "5"),
    Refused("unknown_rollback", {"/spec/tracing/guard/rollback": "Never"}, "spec.tracing.guard.rollback", "AlarmOnly"),
    Refused(
        "recovery_without_attempts",
        {"/spec/tracing/guard/recovery/maxAttempts": 0},
        "spec.tracing.guard.recovery.maxAttempts",
        "1",
    ),
    Refused(
        "webhook_with_file_url",
        {BACKEND: {"external": EXTERNAL_JAEGER | {"purge": {"webhook": {"url": "file:///x"}}}}},
        "external.purge.webhook.url",
        "http://",
    ),
)

_NAMES = (
    Refused("name_too_long", {"/metadata/name": "p" * 41}, "metadata.name", "at most 40"),
    Refused("name_begins_with_digit", {"/metadata/name": "1st"}, "metadata.name", "beginning with a letter"),
    Refused("name_with_dot", {"/metadata/name": "a.b"}, "metadata.name", "lower-case letters, digits and hyphens"),
    Refused("unknown_field_at_the_top", {"/spec/phase": "Running"}, "spec.phase", "unknown field"),
    Refused("no_spec", {"/spec": REMOVE}, "spec", "Required"),
)

REFUSED = (*_URLS, *_CAMERAS, *_CAPTURE_AND_BROKER, *_STAGES, *_PODS, *_TRACING, *_NAMES)


def largest() -> Resource:
    """A resource at every bound that the CEL rules look at."""
    cameras = [
        {
            "id": f"{'c' * 29}{number:03d}",
            "source": {
                "url": "rtsps://" + "h" * 504,
                "subUrl": "rtsp://" + "h" * 240 + "/" + "p" * 264,
                "stream": "Sub",
            },
            "tracing": {"ratio": "0.123456"},
        }
        for number in range(128)
    ]
    stages = [
        {
            "name": f"{'s' * 29}{number:03d}",
            "input": f"{'s' * 29}{number - 1:03d}" if number else "capture",
            "image": "i" * 512,
            "handler": "h" * 254 + ":h",
            "env": [{"name": "E" * 126 + f"{index:02d}", "value": "v" * 128} for index in range(64)],
        }
        for number in range(32)
    ]
    return patched(minimal("p" * 40), {"/spec/cameras": cameras, "/spec/stages": stages})


ACCEPTED: dict[str, Resource] = {
    "minimal": minimal(),
    "jaeger_by_ipv6_address": patched(
        minimal(),
        {
            BACKEND: {
                "external": {"otlpEndpoint": "http://[fd00::1:2]:4318", "queryUrl": "http://[64:ff9b::10.0.0.1]/ui"}
            }
        },
    ),
    "only_a_test_camera": patched(minimal(), {URL: "test://", "/spec/stages": REMOVE}),
    "every_bound_reached": largest(),
    "cameras_128": patched(minimal(), {"/spec/cameras": [_camera(n) for n in range(128)]}),
    "stages_32": patched(minimal(), {"/spec/stages": _chain(32)}),
    "tree": patched(
        minimal(),
        {
            "/spec/stages": [
                {"name": n, "handler": "motion"} | ({"input": i} if i else {})
                for n, i in (("a", ""), ("b", "a"), ("c", "a"), ("d", "capture"))
            ]
        },
    ),
    "variables_64": patched(minimal(), {ENV: _variables(32), f"{STAGE}/podSettings/env": _variables(32, "P")}),
    "unicode": patched(
        minimal(),
        {
            ENV: [{"name": "GREETING", "value": "Grüße 📷\nzweite Zeile"}],
            "/metadata/annotations": {"note": "Eingang Süd"},
        },
    ),
    "nulls": patched(
        minimal(), {"/spec/capture": None, f"{STAGE}/image": None, "/spec/cameras/0/source/credentialsSecretRef": None}
    ),
    "address_version_6": patched(minimal(), {URL: "rtsps://[2001:db8::1]:65535/a?channel=1&subtype=0"}),
    "empty_path": patched(minimal(), {URL: "rtsp://192.0.2.1"}),
    "at_sign_in_path": patched(minimal(), {URL: "rtsp://192.0.2.1/user@home"}),
    "sub_address_without_use": patched(minimal(), {"/spec/cameras/0/source/subUrl": "rtsp://192.0.2.1/2"}),
    "whole_number_as_float": patched(minimal(), {"/spec/capture/jpegQuality": 80.0}),
    "five_frames": patched(minimal(), {"/spec/capture/framesPerSecond": 5}),
    "a_frame_every_two_seconds": patched(minimal(), {"/spec/capture/framesPerSecond": "0.5"}),
    "cpu_as_number": patched(
        minimal(), {f"{STAGE}/resources": {"limits": {"cpu": 2, "nvidia.com/gpu": 1}, "requests": {"cpu": "1.5"}}}
    ),
    "otel_variables_of_the_user": patched(
        minimal(),
        {
            ENV: [
                {"name": "OTEL_EXPORTER_OTLP_PROTOCOL", "value": "grpc"},
                {"name": "OTEL_EXPORTER_OTLP_HEADERS", "valueFrom": {"secretKeyRef": REF}},
            ]
        },
    ),
    "empty_backend": patched(minimal(), {BACKEND: {}}),
    "rabbitmq_blocks": patched(
        minimal(),
        {
            "/spec/broker": {
                "type": "RabbitMQ",
                "overflow": "Block",
                "external": {"urlSecretRef": REF, "caSecretRef": REF},
            }
        },
    ),
    "everything_traced_and_nothing": patched(
        minimal(), {f"{SAMPLING}/ratio": "0.0", "/spec/tracing/guard/maxMissingPercent": "100"}
    ),
    "image_with_registry_port_and_digest": patched(
        minimal(), {"/spec/capture/image": "registry.example.com:5000/a/b:1@sha256:" + "0" * 64}
    ),
    "affinity": patched(
        minimal(),
        {
            "/spec/capture/podSettings/affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {
                                "matchExpressions": [
                                    {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}
                                ]
                            }
                        ]
                    }
                },
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {
                            "weight": 100,
                            "podAffinityTerm": {
                                "topologyKey": "kubernetes.io/hostname",
                                "labelSelector": {"matchLabels": {"app": "x"}},
                            },
                        }
                    ]
                },
            }
        },
    ),
}
