"""What the pages tell to type on a cluster works as it stands there: row D.4's guide, the page for alarms, how-tos, runbooks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from frame_tracking import FrameID, Journey

from scripts.prove.pages import Page
from scripts.prove.results import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
HOW_TO = {
    "own-camera": ["gate"],
    "rabbitmq": ["yard"],
    "external-jaeger": ["kept", "shared"],
    "sampling-and-budgets": ["sampled"],
}
"""Pages that have one apply pipelines, and their names."""


@pytest.mark.parametrize("name", HOW_TO)
def test_a_how_to_page(name: str, shell: Any) -> None:
    page = Page.of(f"how-to/{name}.md")
    page.write_files(shell.folder)
    done = shell.run("\n".join(page.cluster))

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert [f"camerapipeline.frametrace.dev/{made} created" in done.stdout for made in HOW_TO[name]] == [True] * len(
        HOW_TO[name]
    )
    shell.say("kubectl delete cpl " + " ".join(HOW_TO[name]))


def test_d_4_the_guides_commands_and_those_at_an_alarm(shell: Any, frame: str) -> None:
    shell.say("""kubectl patch cpl entrance --type=merge -p '{"spec": {"tracing": {"guard": {"purge": "Never"}}}}'""")
    guide = shell.run("\n".join(Page.of("frame-tracking-guide.md").cluster), FRAME=frame)

    assert guide.returncode == 0, guide.stdout + guide.stderr
    [trace] = json.loads((shell.folder / "raw.json").read_text())["data"]
    assert trace["traceID"] == FrameID(frame).trace_id
    assert Journey.from_jaeger(trace).frame_id == frame
    assert "complete: every hop" in guide.stdout
    assert "all pods run without instrumentation" in guide.stdout
    assert "a person asked for it" in guide.stdout  # the report
    asked = json.loads(shell.say("kubectl get cpl entrance -o json"))
    assert asked["spec"]["tracing"]["sampling"]["ratio"] == "1"
    assert "frametrace.dev/reenable-tracing" in asked["metadata"]["annotations"]

    alarm = shell.run("\n".join(Page.of("how-to/at-an-alarm.md").cluster), FRAME=frame)

    assert alarm.returncode == 0, alarm.stdout + alarm.stderr
    assert "TracingRollbackBegun" in alarm.stdout  # the Events of `describe`
    assert "complete: every hop" in alarm.stdout
    assert "a person asked for it" in alarm.stdout


def test_the_page_on_upgrades_lists_pipelines_that_name_a_service(shell: Any) -> None:
    """None can be made here: the API server refuses them. `tests/contract/docs/test_upgrade_page.py` has some."""
    commands = Page.of("how-to/upgrade.md").cluster
    [command] = [each for each in commands if "OTEL_SERVICE_NAME" in each]
    [resting] = [each for each in commands if "custom-columns" in each]

    assert f"{shell.namespace}" in shell.say(resting)
    assert shell.say(command) == ""
    assert f"{shell.namespace}/entrance: \n" in shell.say(command.partition(" |\n")[0])


def test_the_page_on_dashboards_lets_monitoring_in_and_tells_the_query_url(shell: Any) -> None:
    commands = "\n".join(Page.of("how-to/dashboards.md").cluster)
    said = shell.say(commands.replace("namespace monitoring", f"namespace {shell.namespace}"))

    assert f"namespace/{shell.namespace} labeled" in said
    assert re.search(r"^http://\S+:16686$", said, re.MULTILINE)


def test_the_runbooks_commands(shell: Any, frame: str) -> None:
    pages = {path.stem: Page(path).cluster for path in (ROOT / "docs/runbooks").glob("*.md")}
    done = {name: shell.run("\n".join(commands), FRAME=frame) for name, commands in pages.items() if commands}

    assert {name: each.stdout + each.stderr for name, each in done.items() if each.returncode or not each.stdout} == {}
    assert sorted(pages.keys() - done.keys()) == ["FrametraceNoLeader", "FrametraceOperatorBlind"]  # the operator's
