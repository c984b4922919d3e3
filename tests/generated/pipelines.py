"""Generated pipelines: specs that validate, with hostile texts wherever the schema lets people write freely."""

from __future__ import annotations

from typing import Any

from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from hypothesis import strategies as st

__all__ = ["pipelines", "platforms", "specs"]

RESERVED = ("OTEL_SDK", "OTEL_CONFIG", "OTEL_TRACES_SAMPLER", "OTEL_EXPORTER_OTLP_", "OTEL_SERVICE", "FRAMETRACE")

labels = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?", fullmatch=True)
hostile_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
secret_keys = st.fixed_dictionaries({"name": labels, "key": st.sampled_from(["key", "tls.crt", "A_b-c.d"])})
env_names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True).filter(lambda name: not name.startswith(RESERVED))
env_values = st.one_of(
    st.fixed_dictionaries({"value": hostile_text}),
    st.fixed_dictionaries({"valueFrom": st.fixed_dictionaries({"secretKeyRef": secret_keys})}),
)
overridable = st.sampled_from(["OTEL_RESOURCE_ATTRIBUTES", "OTEL_PROPAGATORS"])
env = st.dictionaries(st.one_of(env_names, overridable), env_values, max_size=4).map(
    lambda variables: [{"name": name, **value} for name, value in variables.items()]
)
resources = st.fixed_dictionaries(
    {},
    optional={
        "limits": st.just({"memory": "1Gi", "nvidia.com/gpu": 1}),
        "requests": st.sampled_from([{"cpu": 1}, {"memory": "1Mi"}]),
    },
)
term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
node_affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
paths = st.sampled_from(["/data", "/data/archive", "/mnt/a.b", "/opt/models_1"])
volume_kinds = st.sampled_from(
    [
        {"persistentVolumeClaim": {"claimName": "archive"}},
        {"persistentVolumeClaim": {"claimName": "models", "access": "ReadOnly"}},
        {"emptyDir": {"sizeLimit": "64Mi"}},
    ]
)
volumes = st.dictionaries(paths, volume_kinds, max_size=4).map(
    lambda found: [{"mountPath": path, **kind} for path, kind in found.items()]
)
pod_settings = st.fixed_dictionaries(
    {},
    optional={
        "nodeSelector": st.just({"kubernetes.io/arch": "amd64"}),
        "tolerations": st.just([{"key": "camera", "operator": "Exists"}]),
        "imagePullSecrets": st.just([{"name": "registry"}]),
        "affinity": st.just(node_affinity),
        "env": env,
        "volumes": volumes,
    },
)
images = st.sampled_from(["registry.example:5000/team/x:1", "x@sha256:" + "0" * 64])
ratios = st.sampled_from(["0", "0.25", "1", "1.0"])
sources = st.fixed_dictionaries(
    {"url": st.sampled_from(["test://", "rtsp://[fd00::1]/a?b='c'&d=$(HOME)", "rtsps://cam.example:8322/xy?$(X)"])},
    optional={"credentialsSecretRef": st.fixed_dictionaries({"name": labels})},
)
cameras = st.lists(
    st.fixed_dictionaries(
        {"id": labels, "source": sources}, optional={"tracing": st.fixed_dictionaries({"ratio": ratios})}
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda camera: str(camera["id"]),
)
captures = st.fixed_dictionaries(
    {},
    optional={
        "framesPerSecond": st.sampled_from([1, 240, "0.5"]),
        "maxWidth": st.integers(16, 8192),
        "encoding": st.sampled_from(["JPEG", "Raw"]),
        "image": images,
        "resources": resources,
        "podSettings": pod_settings,
    },
)
brokers = st.sampled_from(["Redis", "RabbitMQ"]).flatmap(
    lambda kind: st.fixed_dictionaries(
        {
            "type": st.just(kind),
            "external": st.fixed_dictionaries({"urlSecretRef": secret_keys}, optional={"caSecretRef": secret_keys}),
        }
    )
)
managed = st.fixed_dictionaries(
    {},
    optional={"storage": st.sampled_from(["Memory", "Badger"]), "size": st.sampled_from(["64Mi", "3G", "64Ti"])},
).map(lambda settings: {"managed": settings})
external = st.fixed_dictionaries(
    {
        "otlpEndpoint": st.sampled_from(["https://jaeger.example", "http://[fd00::1]:4318/p/$(HOME)"]),
        "queryUrl": st.just("http://jaeger.example:16686"),
    },
    optional={"headersSecretRef": secret_keys},
).map(lambda settings: {"external": settings})
tracings = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["Enabled", "Disabled"]),
        "backend": st.one_of(managed, external),
        "sampling": st.fixed_dictionaries({"ratio": ratios}),
        "retention": st.fixed_dictionaries({"traceSeconds": st.integers(60, 31_536_000)}),
    },
)
stage_settings = st.fixed_dictionaries(
    {"handler": st.just("detect.people:Detector"), "image": images},
    optional={"replicas": st.integers(1, 100), "env": env, "resources": resources, "podSettings": pod_settings},
)


@st.composite
def stages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A tree: every stage reads capture or a stage before it."""
    names = draw(st.lists(labels.filter(lambda name: name not in {"capture", "rtsp-capture"}), max_size=3, unique=True))
    inputs = [draw(st.sampled_from(["capture", *names[:index]])) for index in range(len(names))]
    return [draw(stage_settings) | {"name": name, "input": origin} for name, origin in zip(names, inputs, strict=True)]


specs = st.fixed_dictionaries(
    {"cameras": cameras, "stages": stages()},
    optional={
        "mode": st.sampled_from(["Running", "Suspended"]),
        "capture": captures,
        "broker": brokers,
        "tracing": tracings,
        "pictures": st.just({"access": "Allowed"}),
    },
)
pipelines = st.builds(
    lambda name, uid, spec: Pipeline.from_object(
        {"metadata": {"namespace": "site-a", "name": name, "uid": uid}, "spec": spec}
    ),
    st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True),
    st.uuids().map(str),
    specs,
)
networks = st.lists(st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8", "0.0.0.0/0", "fd00::/8"]), max_size=3)
platforms = st.builds(
    lambda allow, deny, monitors, pull: Platform(
        "run:1",
        "redis:7",
        "jaeger:2",
        "frametrace",
        tuple(allow),
        tuple(deny),
        has_pod_monitors=monitors,
        image_pull_secrets=tuple(pull),
    ),
    networks,
    networks,
    st.booleans(),
    st.sampled_from([(), ("registry",)]),
)
