"""`journey`: from a frame ID to the tree of its spans, by the pipeline's own Jaeger."""

from __future__ import annotations

import json
from typing import Any

import pytest
from frame_tracking import Topology
from frametrace_operator.plugin.cluster.base import Answer, Place
from frametrace_operator.plugin.exits import Exit
from frametrace_operator.plugin.jaeger import JaegerElsewhereError, jaeger_place

PATH = "/api/traces/"
NONE = Answer(404, b'{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}')


def trace(frame: Any, *, stage: bool = True) -> Answer:
    spans = [_span(frame, 1, "capture_frame", 0, "p1", **{"frametrace.revision": _revision()})]
    spans += [_span(frame, 2, "decode_frame", 1, "p1"), _span(frame, 3, "process_frame", 1, "p1")]
    if stage:
        spans += [
            _span(frame, 4, "send cam01.capture", 1, "p1"),
            _span(frame, 5, "process_frame", 4, "p2", **{"frame.outcome": "completed", "span.kind": "consumer"}),
        ]
    processes = {"p1": {"serviceName": "rtsp-capture"}, "p2": {"serviceName": "motion"}}
    data = [{"traceID": frame.trace_id, "spans": spans, "processes": processes}]
    return Answer(200, json.dumps({"data": data}).encode())


def _revision() -> str:
    return Topology.of([("motion", "capture")]).revision


def _span(frame: Any, number: int, name: str, parent: int, process: str, **tags: str) -> dict[str, Any]:
    known = {"frame.id": str(frame), "camera.id": "cam01", **tags}
    return {
        "traceID": frame.trace_id,
        "spanID": f"{number:016x}",
        "operationName": name,
        "references": [{"refType": "CHILD_OF", "traceID": frame.trace_id, "spanID": f"{parent:016x}"}]
        if parent
        else [],
        "startTime": 1_767_225_600_000_000 + 1000 * number,
        "duration": 5000,
        "tags": [{"key": key, "type": "string", "value": value} for key, value in known.items()],
        "processID": process,
    }


def jaeger_of(desk: Any, frame: Any, answer: Answer) -> None:
    place, _ = jaeger_place(desk.world.resource()["status"]["tracing"]["queryUrl"])
    desk.cluster.put_answers(place, f"{PATH}{frame.trace_id}", answer)


def test_a_whole_journey_is_a_tree_and_is_said_to_be_complete(desk: Any, frame: Any) -> None:
    jaeger_of(desk, frame, trace(frame))
    code, out, err = desk.run("journey", frame)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "site-a/yard"
    assert lines[1].startswith(f"{frame}  trace {frame.trace_id}")
    assert [line.split("[")[0].strip() for line in lines[2:7]] == [
        "└─ capture_frame",
        "├─ decode_frame",
        "├─ process_frame",
        "└─ send cam01.capture",
        "└─ process_frame",
    ]
    assert lines[7] == "complete: every hop, no orphan, one outcome a branch"


def test_a_trace_of_which_jaeger_makes_no_json_is_got_by_its_newer_api(desk: Any, frame: Any) -> None:
    says = b"failed marshalling HTTP response to JSON: json: unsupported value: NaN"
    jaeger_of(desk, frame, Answer(500, b'{"data":null,"errors":[{"code":500,"msg":"%s"}]}' % says))
    score = {"key": "score", "value": {"doubleValue": "NaN"}}
    span = {"traceId": frame.trace_id, "spanId": f"{1:016x}", "name": "capture_frame", "attributes": [score]}
    answer = {"result": {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}}
    place, _ = jaeger_place(desk.world.resource()["status"]["tracing"]["queryUrl"])
    desk.cluster.put_answers(place, f"/api/v3/traces/{frame.trace_id}", Answer(200, json.dumps(answer).encode()))

    code, out, err = desk.run("journey", frame, "-o", "json")

    assert (code, err) == (0, "")
    (found,) = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["journeys"]
    assert [each["attributes"] for each in found["spans"]] == [{"score": "nan"}]


def test_a_hop_that_is_missing_is_named(desk: Any, frame: Any) -> None:
    jaeger_of(desk, frame, trace(frame, stage=False))
    code, out, _ = desk.run("journey", frame)
    assert code == 0
    assert "missing: there is no span of 'motion': 'capture' did not send the frame on" in out


def test_of_a_frame_of_an_earlier_list_of_stages_nothing_is_said_to_be_missing(desk: Any, frame: Any) -> None:
    desk.world.change(stages=[{"name": "other", "handler": "motion"}])
    jaeger_of(desk, frame, trace(frame))
    assert "nothing is said of what is missing" in desk.run("journey", frame)[1]


def test_programs_get_it_as_json(desk: Any, frame: Any) -> None:
    jaeger_of(desk, frame, trace(frame))
    (found,) = json.loads(desk.run("journey", frame, "-o", "json")[1])["journeys"]
    assert (found["namespace"], found["pipeline"], found["frame_id"]) == ("site-a", "yard", frame)
    assert (found["complete"], found["missing"], len(found["spans"])) == (True, [], 5)


def test_a_frame_that_jaeger_has_not(desk: Any, frame: Any) -> None:
    jaeger_of(desk, frame, NONE)
    code, out, err = desk.run("journey", frame)
    assert (code, out) == (Exit.MISSING, "")
    assert f"the Jaeger of site-a/yard has no span of frame {frame}" in err


@pytest.mark.parametrize("answer", [Answer(502, b"bad gateway"), Answer(200, b"<html>"), Answer(404, b"no page")])
def test_a_jaeger_that_answers_oddly(desk: Any, frame: Any, answer: Answer) -> None:
    jaeger_of(desk, frame, answer)
    code, _, err = desk.run("journey", frame)
    assert code == Exit.UNAVAILABLE
    assert f"answered {answer.status}, and not as its query API does" in err


def test_a_jaeger_that_is_away(desk: Any, frame: Any) -> None:
    code, _, err = desk.run("journey", frame)
    assert code == Exit.UNAVAILABLE
    assert "the Jaeger of site-a/yard could not be asked: the API server cannot reach services/" in err


def test_a_jaeger_outside_the_cluster_is_named_with_the_way_there(desk: Any, frame: Any) -> None:
    desk.set_status(lambda status: status["tracing"].update(queryUrl="https://me:s3cret@jaeger.example:443/x"))
    code, _, err = desk.run("journey", frame)
    assert code == Exit.UNAVAILABLE
    assert err.rstrip().endswith(f"frametrace journey {frame} --jaeger https://jaeger.example:443/x")
    assert "s3cret" not in err


def test_a_short_name_that_is_no_service_is_told_as_one_outside(desk: Any, frame: Any) -> None:
    desk.set_status(lambda status: status["tracing"].update(queryUrl="http://me:s3cret@jaeger.example:16686/base/"))
    code, _, err = desk.run("journey", frame)
    assert code == Exit.UNAVAILABLE
    assert err.rstrip().endswith(f"frametrace journey {frame} --jaeger http://jaeger.example:16686/base")
    assert "s3cret" not in err


def test_the_jaeger_of_the_resources_own_example_is_asked(desk: Any, frame: Any) -> None:
    desk.set_status(lambda status: status["tracing"].update(queryUrl="http://jaeger-query.observability:16686"))
    place = Place("services", "observability", "jaeger-query", 16686)
    desk.cluster.put_answers(place, f"{PATH}{frame.trace_id}", trace(frame))
    code, out, _ = desk.run("journey", frame)
    assert code == 0
    assert "complete: every hop" in out


def test_without_tracing_there_is_no_jaeger_to_ask(desk: Any, frame: Any) -> None:
    desk.set_status(lambda status: status.update(tracing={"state": "Disabled"}))
    code, _, err = desk.run("journey", frame)
    assert code == Exit.UNAVAILABLE
    assert "site-a/yard has no Jaeger now" in err


def test_only_pipelines_with_the_camera_are_asked(desk: Any, frame: Any) -> None:
    desk.world.apply("gate", cameras=[{"id": "cam07", "source": {"url": "test://"}}])
    jaeger_of(desk, frame, trace(frame))
    code, _, err = desk.run("journey", frame, "-A")
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://j.obs.svc:16686", (Place("services", "obs", "j", 16686), "")),
        ("http://jaeger-query.observability:16686", (Place("services", "observability", "jaeger-query", 16686), "")),
        ("http://j.obs.svc.cluster.local/base/", (Place("services", "obs", "j", 80), "/base")),
    ],
)
def test_a_service_is_reached_by_its_name(url: str, expected: tuple[Place, str]) -> None:
    assert jaeger_place(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://j.obs.svc:443",
        "http://10.0.0.1:16686",
        "http://jaeger.example.org",
        "http://j",
        "http://j.obs.svc.x/../y@z",
    ],
)
def test_what_is_no_service_is_told(url: str) -> None:
    if url.startswith("http://j.obs.svc.x"):
        assert jaeger_place(url)[0] == Place("services", "obs", "j", 80)
        return
    with pytest.raises(JaegerElsewhereError):
        jaeger_place(url)
