"""The models read what the API server accepts, and refuse what it refuses."""

import contextlib
from ipaddress import IPv6Address

import pytest
from frametrace_api.backend import ExternalBackend
from frametrace_api.broker import Overflow
from frametrace_api.pipeline import CameraPipeline
from frametrace_api.rules import STORED
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.e2e.api.resources import ACCEPTED, BACKEND, EXTERNAL_JAEGER, REFUSED, URL, Refused, minimal, patched


def as_path(location: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_the_api_server_refuses_is_refused_at_the_same_place(case: Refused) -> None:
    with pytest.raises(ValidationError) as refused:
        CameraPipeline.model_validate(case.resource())

    places = [f"{as_path(error['loc'])} {error['msg']}" for error in refused.value.errors()]
    parent, _, last = case.field.rpartition(".")
    assert any(parent.partition("[")[0] in place and last.partition("[")[0] in place for place in places), places


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_api_server_accepts_is_read(name: str) -> None:
    pipeline = CameraPipeline.from_object(ACCEPTED[name])

    assert CameraPipeline.from_object(pipeline.to_object()) == pipeline


def test_the_text_of_a_refusal_holds_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        CameraPipeline.from_object(patched(minimal(), {URL: "rtsp://admin:s3cret@camera/1"}))

    assert "s3cret" not in str(refused.value)


def test_what_is_stored_may_break_a_rule_that_came_later_and_no_other() -> None:
    def read(name: str, context: dict[str, bool] | None) -> CameraPipeline:
        env = [{"name": name, "value": "reader"}]
        return CameraPipeline.model_validate(patched(minimal(), {"/spec/stages/0/env": env}), context=context)

    assert read("OTEL_SERVICE_NAME", STORED).spec.stages[0].env[0].value == "reader"
    for name, context in (("OTEL_SERVICE_NAME", None), ("OTEL_SERVICE_NAME", {}), ("OTEL_SDK_DISABLED", STORED)):
        with pytest.raises(ValidationError, match=r"stages\.0\.env\.0\.name"):
            read(name, context)


def test_a_field_of_a_newer_schema_is_left_aside_when_the_server_let_it_in() -> None:
    assert CameraPipeline.from_object(patched(minimal(), {"/spec/newer": {"field": 1}})) == CameraPipeline.from_object(
        minimal()
    )


def test_the_smallest_pipeline_is_whole() -> None:
    spec = CameraPipeline.from_object(minimal()).spec

    assert spec.stages[0].input == "capture"
    assert spec.stages[0].replicas is None
    assert spec.tracing.backend.managed is not None
    assert spec.tracing.backend.external is None
    assert spec.broker.effective_overflow is Overflow.DROP_OLDEST


def test_an_external_backend_leaves_no_managed_one() -> None:
    backend = CameraPipeline.from_object(
        patched(minimal(), {BACKEND: {"external": EXTERNAL_JAEGER}})
    ).spec.tracing.backend

    assert backend.managed is None
    assert backend.external is not None


def test_rabbitmq_overflows_by_dropping_the_newest() -> None:
    reference = {"name": "broker", "key": "url"}
    spec = CameraPipeline.from_object(
        patched(minimal(), {"/spec/broker": {"type": "RabbitMQ", "external": {"urlSecretRef": reference}}})
    ).spec

    assert spec.broker.effective_overflow is Overflow.DROP_NEWEST


def test_stages_form_a_tree() -> None:
    spec = CameraPipeline.from_object(ACCEPTED["tree"]).spec

    assert [stage.name for stage in spec.children_of("capture")] == ["a", "d"]
    assert [stage.name for stage in spec.children_of("a")] == ["b", "c"]
    assert [stage.name for stage in spec.leaf_stages()] == ["b", "c", "d"]
    assert spec.path_to("c") == ("capture", "a", "c")


def test_frames_without_stages_have_no_leaf_but_capture() -> None:
    assert CameraPipeline.from_object(ACCEPTED["only_a_test_camera"]).spec.leaf_stages() == ()


def test_a_cameras_own_ratio_wins() -> None:
    spec = CameraPipeline.from_object(patched(minimal(), {"/spec/cameras/0/tracing": {"ratio": "0.5"}})).spec

    assert spec.ratio_of(spec.cameras[0]) == "0.5"
    assert (
        CameraPipeline.from_object(minimal()).spec.ratio_of(spec.cameras[0].model_copy(update={"tracing": None})) == "1"
    )


def test_the_captured_address_is_the_chosen_streams() -> None:
    source = {"url": "rtsp://a/1", "subUrl": "rtsp://a/2"}
    main, sub = (
        CameraPipeline.from_object(patched(minimal(), {"/spec/cameras/0/source": source | {"stream": stream}}))
        .spec.cameras[0]
        .source.captured_url
        for stream in ("Main", "Sub")
    )

    assert (main, sub) == ("rtsp://a/1", "rtsp://a/2")


def test_a_stages_own_variables_win_over_its_pods() -> None:
    env = [{"name": "A", "value": "own"}, {"name": "C", "value": "own"}]
    pod = [{"name": "A", "value": "pod"}, {"name": "B", "value": "pod"}]
    stage = CameraPipeline.from_object(
        patched(minimal(), {"/spec/stages/0/env": env, "/spec/stages/0/podSettings/env": pod})
    ).spec.stages[0]

    assert [(variable.name, variable.value) for variable in stage.container_env] == [
        ("A", "own"),
        ("B", "pod"),
        ("C", "own"),
    ]


@given(st.text(max_size=80) | st.from_regex(r"(rtsp|test|http)s?://[^\s]{0,40}"))
def test_any_text_is_an_address_or_a_refusal(text: str) -> None:
    try:
        spec = CameraPipeline.from_object(patched(minimal(), {URL: text})).spec
    except ValidationError:
        return
    assert spec.cameras[0].source.url.startswith(("rtsp://", "rtsps://", "test://"))
    assert spec.cameras[0].source.url.isascii()
    assert spec.cameras[0].source.url.isprintable()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_anything_as_a_spec_is_read_or_refused(spec: object) -> None:
    with contextlib.suppress(ValidationError):
        assert CameraPipeline.from_object(minimal() | {"spec": spec}).spec.cameras


@given(st.lists(st.sampled_from(["1", "abcd", "f", ":", ":", "::", ".", "255", "10.0.0.1"]), max_size=16).map("".join))
@example("64:ff9b::10.0.0.1")
@example("1:2:3:4:5:6:10.0.0.1")
def test_an_address_in_brackets_is_one_as_python_reads_it(text: str) -> None:
    try:
        is_one = bool(IPv6Address(text))
    except ValueError:
        is_one = False
    taken = True
    try:
        ExternalBackend.model_validate(EXTERNAL_JAEGER | {"otlpEndpoint": f"http://[{text}]:4318"})
    except ValidationError:
        taken = False

    assert taken is is_one
