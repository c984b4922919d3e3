"""A report as people read it. Pure: it takes the report's JSON, of this operator or of an earlier one."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["report_text"]

_MOST: Final = 20


def report_text(content: Mapping[str, Any]) -> str:
    """The whole report in lines of text."""
    parts = (_head, _why, _measured, _frames, _lost, _jaeger, _pods, _steps)
    return "\n\n".join(text for part in parts if (text := "\n".join(part(content)))) + "\n"


def _head(content: Mapping[str, Any]) -> Iterator[str]:
    last = content["rollback"]
    yield f"Rollback {last['id']} of tracing in {content['namespace']}/{content['pipeline']}: {last['trigger']}"
    yield last["message"]


def _why(content: Mapping[str, Any]) -> Iterator[str]:
    yield f"Likely cause: {content['likelyCause']}"
    yield "What to check:"
    yield from (f"  - {line}" for line in content["check"])


def _measured(content: Mapping[str, Any]) -> Iterator[str]:
    evidence = content["evidence"]
    audits, overheads = evidence["audits"], evidence["overheads"]
    if not audits and not overheads:
        yield f"Measured: nothing more than the status says (written {content['written']})"
        return
    yield f"Measured, oldest first (written {content['written']}):"
    for audit in audits:
        known = f"{audit['missing']} of {audit['checked']} missing, {audit['unknown']} unknown ({audit['method']})"
        yield f"  {audit['window_start']} to {audit['window_end']}: {audit['result']}, {known} {audit['reason']}".rstrip()
    for overhead in overheads:
        share = f"{overhead['tracing_cpu']:.2f} s of CPU beside {overhead['other_cpu']:.2f} s"
        yield f"  {overhead['at']}: tracing took {share} in {overhead['seconds']:.0f} s"


def _frames(content: Mapping[str, Any]) -> Iterator[str]:
    """By time, as IDs are in its order: the oldest are often of before what the rollback was made for."""
    told = (frame for audit in content["evidence"]["audits"] for frame in audit["frames"])
    frames = sorted(told, key=lambda frame: str(frame["frame_id"]), reverse=True)
    if frames:
        yield "Frames whose traces are missing or incomplete, newest first:"
        yield from (f"  {frame['frame_id']}  from {frame['hop']} on: {frame['cause']}" for frame in frames[:_MOST])
    if len(frames) > _MOST:
        yield f"  and {len(frames) - _MOST} more in report.json"


def _lost(content: Mapping[str, Any]) -> Iterator[str]:
    dropped = content["evidence"]["dropped"]
    if dropped:
        yield "Spans that the pods lost in the last window:"
        yield from (f"  {cause}: {number}" for cause, number in sorted(dropped.items()))


def _jaeger(content: Mapping[str, Any]) -> Iterator[str]:
    jaeger = content["jaeger"]
    ready = {True: "ready", False: "not ready", None: "not the operator's"}[jaeger["ready"]]
    yield f"Jaeger ({jaeger['kind']}): {ready}"
    if jaeger["trouble"]:
        yield f"  {jaeger['trouble']}"
    probe = jaeger["lastProbe"]
    if probe is not None:
        told = f"{probe['failed_probes']} failed probes in a row, {probe['failed_spans']} of {probe['spans']} spans refused"
        yield f"  at {probe['at']}: {told}, {probe['restarts']} restarts in 5 minutes {probe['probe_error']}".rstrip()


def _pods(content: Mapping[str, Any]) -> Iterator[str]:
    yield f"Pods ({len(content['pods'])}):"
    for pod in content["pods"]:
        state = "ready" if pod["ready"] else "not ready"
        what = f"{pod['role']} {pod['item']}".strip()
        yield f"  {pod['name']} ({what}): {state}, {pod['restarts']} restarts {pod['trouble']}".rstrip()


def _steps(content: Mapping[str, Any]) -> Iterator[str]:
    yield "What was done:"
    yield from (f"  {step.get('time', ''):<28}{step['what']}".rstrip() for step in content["steps"])
