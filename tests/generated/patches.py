"""Generated changes of a resource: a field by its JSON pointer, and a value that it often, but not always, allows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.e2e.api.resources import BACKEND, EXTERNAL_JAEGER, SAMPLING, STAGE, URL

__all__ = ["PATCHES"]

CAPTURE = "/spec/capture"
ALIKE = {  # a pointer, and a regular expression that often meets what the field allows
    URL: r"(rtsps?|test|http)://(u@)?[a-z.:\[\]0-9]{0,8}(:[0-9]{0,6})?[/?#]?[ -~]{0,6}",
    "/spec/cameras/0/id": r"[a-zA-Z0-9-]{1,33}\n?",
    "/spec/cameras/0/tracing": r"[0-9]",
    f"{STAGE}/name": r"[a-z0-9-]{1,8}|capture|rtsp-capture",
    f"{STAGE}/input": r"capture|motion|verify|[a-z-]{1,4}",
    f"{STAGE}/handler": r"motion|resize|archive|[a-z0-9_.]{1,4}:?[a-z0-9_.]{0,4}",
    f"{CAPTURE}/image": r"[A-Za-z0-9./:@ \[\]_-]{1,12}",
    f"{CAPTURE}/podSettings/env": r"[a-z]",
    f"{SAMPLING}/ratio": r"[01]{1,2}(\.[0-9]{0,7})?",
    "/spec/tracing/guard/maxMissingPercent": r"-?[0-9]{1,4}(\.[0-9]{0,7})?%?",
    "/spec/tracing/budget/bytesPerDay": r"[0-9]{1,3}[kKMGTPE]?i?",
    f"{BACKEND}/managed/size": r"[0-9]{1,13}[kKMGTP]?i?",
    "/metadata/name": r"[a-z0-9-]{1,42}",
}
TEXTS = st.text(max_size=12)
NUMBERS = st.integers(-2, 5000) | st.sampled_from([0.5, 3.0, True])
ENV = st.fixed_dictionaries(
    {"name": st.from_regex(r"[A-Za-z0-9_=]{1,6}|OTEL_SDK_DISABLED|FRAMETRACE_[A-Z]", fullmatch=True)},
    optional={
        "value": TEXTS,
        "valueFrom": st.dictionaries(
            st.sampled_from(["secretKeyRef", "configMapKeyRef"]), st.just({"name": "a", "key": "b"}), max_size=2
        ),
    },
)
TOLERATION = st.fixed_dictionaries(
    {},
    optional={
        "key": st.from_regex(r"[a-z/.]{1,5}", fullmatch=True),
        "operator": st.sampled_from(["Exists", "Equal", "Near"]),
        "value": st.from_regex(r"[a-z. -]{0,4}", fullmatch=True),
        "effect": st.sampled_from(["NoSchedule", "NoExecute"]),
        "tolerationSeconds": NUMBERS,
    },
)
QUANTITIES = st.dictionaries(
    st.sampled_from(["cpu", "memory", "ephemeral-storage", "nvidia.com/gpu", "gpu", "requests.a.b/c", "hugepages-2Mi"]),
    st.integers(0, 9) | st.from_regex(r"[0-9]{1,2}(\.[0-9])?(m|Ki|k|Q)?", fullmatch=True),
    max_size=2,
)
VOLUME = st.fixed_dictionaries(
    {"mountPath": st.from_regex(r"(/[a-z.~]{1,5}){0,3}/?|/tmp/x|/etc/frametrace|/data", fullmatch=True)},
    optional={
        "persistentVolumeClaim": st.sampled_from([{"claimName": "a"}, {"claimName": "A b"}, {}]),
        "emptyDir": st.sampled_from([{"sizeLimit": "1Gi"}, {"sizeLimit": "1Ki"}, {"medium": "Memory"}]),
    },
)
SHAPED: dict[str, st.SearchStrategy[Any]] = {
    f"{STAGE}/env": st.lists(ENV, max_size=3),
    f"{CAPTURE}/podSettings/tolerations": st.lists(TOLERATION, max_size=2),
    f"{CAPTURE}/resources": st.fixed_dictionaries({}, optional={"requests": QUANTITIES, "limits": QUANTITIES}),
    f"{STAGE}/podSettings/volumes": st.lists(VOLUME, max_size=3),
    f"{STAGE}/podSettings/nodeSelector": st.dictionaries(
        st.from_regex(r"([a-z.-]{1,4}/)?[A-Za-z._/-]{0,4}", fullmatch=True), st.just("a"), max_size=2
    ),
    f"{CAPTURE}/jpegQuality": NUMBERS,
    f"{CAPTURE}/framesPerSecond": NUMBERS | st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,4})?", fullmatch=True),
    f"{STAGE}/replicas": NUMBERS,
    "/spec/broker": st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["Redis", "RabbitMQ"]),
            "overflow": st.sampled_from(["DropOldest", "DropNewest", "Block"]),
            "external": st.just({"urlSecretRef": {"name": "a", "key": "b"}}),
        },
    ),
    BACKEND: st.fixed_dictionaries({}, optional={"managed": st.just({}), "external": st.just(EXTERNAL_JAEGER)}),
}
PATCHES = st.one_of(
    *(st.tuples(st.just(pointer), st.from_regex(body, fullmatch=True) | TEXTS) for pointer, body in ALIKE.items()),
    *(st.tuples(st.just(pointer), values) for pointer, values in SHAPED.items()),
)
