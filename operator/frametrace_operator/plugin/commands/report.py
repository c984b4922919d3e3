"""`kubectl frametrace report`: the evidence on which tracing was rolled back last."""

import json
from typing import Any, Final

from frametrace_operator.guard.reporting.report import JSON_KEY, TEXT_KEY
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import CONFIG_MAP
from frametrace_operator.plugin.exits import CommandError
from frametrace_operator.plugin.finding import one_pipeline, title
from frametrace_operator.plugin.options import OnePipeline, OutputOption, wants_json
from frametrace_operator.plugin.output import print_json, printer, styled
from frametrace_operator.plugin.session import Session

__all__ = ["EXAMPLES", "report"]

EXAMPLES: Final = ("kubectl frametrace report entrance", "kubectl frametrace report entrance -n site-1 -o json")
"""Shown by --help."""


async def report(session: Session, pipeline: OnePipeline, *, output: OutputOption = "") -> None:
    """Show the report of the last rollback of tracing: what was measured, of which frames, and what was done.

    The operator keeps it in a ConfigMap beside the pipeline, which status.tracing.lastRollback names.

    """
    as_json = wants_json(output)
    body = await one_pipeline(session, pipeline)
    last = ((body.get("status") or {}).get("tracing") or {}).get("lastRollback")
    if not last:
        raise CommandError(f"{title(body)} has no report: tracing was never rolled back, as far as its status says")
    data = await _data(session, body, last)
    if as_json:
        print_json({**_place(body), "lastRollback": last, "report": _parsed(data)})
        return
    head = f"{title(body)}  rollback {last.get('id', '')}  {last.get('trigger', '')}  {last.get('startTime', '')}"
    printer().print(styled((head, "bold")))
    _print(data.get(TEXT_KEY) or "\n".join(data.values()))


def _print(text: str) -> None:
    """Headings, which stand at the beginning of a line and end with a colon, in colour."""
    for line in text.splitlines():
        heading = line.endswith(":") and not line.startswith(" ")
        printer().print(styled((line, "cyan" if heading else "")))


def _parsed(data: dict[str, str]) -> Any:
    """The report as JSON; as it stands there if it is none."""
    try:
        return json.loads(data[JSON_KEY])
    except (KeyError, ValueError):
        return data


async def _data(session: Session, body: Object, last: Object) -> dict[str, str]:
    name = last.get("reportName")
    if not name:
        raise CommandError(
            f"{title(body)}: the report of rollback {last.get('id', '')} is not written yet; ask again soon"
        )
    found = await session.cluster.get(CONFIG_MAP, body["metadata"]["namespace"], name)
    if found is None:
        raise CommandError(
            f"{title(body)}: ConfigMap {name} with the report is gone; what is left is in status.tracing.lastRollback: "
            f"kubectl get cpl {body['metadata']['name']} -n {body['metadata']['namespace']} -o yaml"
        )
    return dict(found.get("data") or {})


def _place(body: Object) -> dict[str, str]:
    return {"namespace": body["metadata"]["namespace"], "pipeline": body["metadata"]["name"]}
