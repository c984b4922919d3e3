"""Writes docs/reference/http.md, the ledger's fields from their models: ``python -m scripts.reference.http``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from frame_tracking import FinishedFrames, HopCount, Ledger, LedgerBucket, LedgerWindow, SpanCount
from frame_tracking.ledger import BrokerState, CameraState
from pydantic import BaseModel

from scripts.reference.pages import REFERENCE, keep

__all__ = ["PAGE", "main", "page"]

PAGE = REFERENCE / "http.md"
_MODELS: dict[str, type[BaseModel]] = {
    "": Ledger,
    "`hops[]`": HopCount,
    "`spans`": SpanCount,
    "`cameras[]`": CameraState,
    "`broker`": BrokerState,
    "`window`": LedgerWindow,
    "`window.buckets[]`": LedgerBucket,
    "`window.frames[]`": FinishedFrames,
}
_WORDS = {
    "version": "Of this form of the ledger.",
    "pipeline": "The pipeline's name.",
    "service": "`rtsp-capture`, or the stage's name.",
    "pod": "The pod's name.",
    "revision": "Of the stages, as the process knows them now.",
    "hops": "Counts of each camera's session at the process's hop.",
    "spans": "What became of the process's spans.",
    "id": "The camera's ID.",
    "camera": "The camera's ID.",
    "hop": "`capture`, or the stage's name.",
    "session": "The part of a frame ID that a start of the capture draws.",
    "connected": "Whether it answers.",
    "created": "Spans made.",
    "exported": "Spans that the receiver took.",
    "entered": "Frames that reached this hop.",
    "left": "Frames handed on.",
    "ended": "Frames that ended here.",
    "given_back": "Frames given back to the broker, or finished by another replica.",
    "duplicates": "Second executions after a redelivery.",
    "buckets": "Counts of five seconds each.",
}
"""Of fields whose models say no more than their names."""
_FIRST = {
    "broker": "How the process stands with its broker.",
    "cameras": "How the process stands with its cameras.",
    "tracing": "`On`, `Off` (by the live switch) or `Disabled` (from the start).",
    "frames": "Traced frames that left the hop or ended there.",
}
"""What goes before a model's own words, where these tell only of what is left out."""
_HEAD = """# HTTP endpoints

Made by `python -m scripts.reference.http`; never edited. All answer GET, and change nothing. In a cluster they are on port 8080 of their
pods, named `http`. None has a login: [network policies](../how-to/kubectl-plugin.md#where-networkpolicies-are-enforced) say who reaches them, and the API server's proxy leads there by
your rights: `kubectl get --raw "/api/v1/namespaces/NAMESPACE/pods/POD:8080/proxy/ledger"`.

## Captures and stages

`frametrace run --port` has them, too.

| path | answer |
|---|---|
| `/metrics` | [metrics](metrics.md), as OpenMetrics |
| `/ledger` | JSON: what the process counted, [as below](#the-ledger) |
| `/healthz` | 200 `ok`, or 503 and what is stuck: whether the process's own loops turn. A camera or a broker that is away is no reason to restart it |
| `/readyz` | 200 `ok`, or 503 and what is missing: whether it does its work now |
| `/snapshot.jpg` | the newest picture of a capture; 403 where `pictures.access` is not Allowed, 503 while none has come, 404 in a stage |

## The journey page

[How it is switched on and reached](../how-to/journey-page.md). By a port forward it answers as `localhost` only; another name gets 421.

| path | answer |
|---|---|
| `/` | the newest frames, 50 a page; 503 with the reason where Jaeger does not answer |
| `/?q=…` | a frame's journey by its whole ID, or the frames that a part of one may mean; 404 with what is known where there is none, 400 for what is neither |
| `/?camera=…&order=…&before=…` | the list of one camera, by `newest` or `slowest`, older than a time |
| `/picture.jpg?q=…` | a frame's picture by its whole ID; 403 where pictures are denied, 404 once it is gone, 503 where the broker does not answer |
| `/healthz`, `/readyz` | 200 `ok`; neither asks Jaeger or the broker |
| `/style.css`, `/icon.svg` | what the page looks like |

## The operator

| path | answer |
|---|---|
| `/metrics` | [metrics](metrics.md), as Prometheus' text |
| `/healthz` | JSON: `problems`, a list; 503 if there are any: loops that stand, watches that are silent, passes that do not end |
| `/readyz` | JSON: `problems`; 503 while it starts |

## The ledger

A process's counts since it started. `/ledger?from=…&until=…` adds those of a range of the frames' own time, in whole seconds since 1970, at most an hour;
`&frames=…` (at most 5000) names traced frames that were finished in it.
"""


def page() -> str:
    """Return the page's text.

    Raises:
        KeyError: a field has no sentence.
    """
    return _HEAD + "".join(_section(where, model) for where, model in _MODELS.items())


def _section(where: str, model: type[BaseModel]) -> str:
    title = f"\n### {where}\n" if where else ""
    about = " ".join((model.__doc__ or "").split())
    return f"{title}\n{about}\n\n| field | |\n|---|---|\n{''.join(_rows(model))}"


def _rows(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        told = (field.description or _WORDS[name]).replace("None ", "`null` ")
        yield f"| `{name}` | {' '.join(filter(None, (_FIRST.get(name), told)))} |\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.http", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
