"""Nothing public goes undocumented: fields, settings, metrics, attributes, reasons, Events, commands; and every page is found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from camera_runtime.analysis.app import app as analyzer_app
from camera_runtime.cli.app import app as runtime_app
from frame_tracking import Attribute, DropReason, Metric, Outcome, SpanName
from frametrace_api.conditions import REASONS
from frametrace_api.crd import openapi_schema
from frametrace_operator.plugin.app import app as plugin_app
from frametrace_operator.settings import Settings

from scripts.monitoring.metrics import operator_metrics, runtime_metrics
from scripts.reference.__main__ import GENERATORS

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
SOURCES = [path for folder in ("crds", "runtime", "operator") for path in sorted((ROOT / folder).rglob("*.py"))]
_VARIABLE = re.compile(r"(OTEL|FRAMETRACE|RESIZE|ARCHIVE)_[A-Z_]*[A-Z]")


@cache
def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@cache
def constants() -> set[str]:
    """The texts in the code: no comments, no docstrings of modules, classes and functions."""
    nodes = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    bare = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
    }


def fields(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Every field's path, as the page writes it; the inside of affinity is Kubernetes' own."""
    for name, child in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        inner = child.get("items", child)
        if name != "affinity":
            yield from fields(inner, f"{path}.{name}{'[]' if 'items' in child else ''}")


def test_every_field_of_the_resource() -> None:
    top = openapi_schema()["properties"]
    names = [path for part in ("spec", "status") for path in fields(top[part], part)]

    assert len(names) > 150
    assert [name for name in names if f"`{name}`" not in page("reference/camerapipeline.md")] == []


def test_every_setting_that_the_code_names() -> None:
    known = page("reference/settings.md") + page("how-to/own-stage.md")
    named = {text for text in constants() if _VARIABLE.fullmatch(text)}

    assert {"OTEL_SDK_DISABLED", "OTEL_BSP_MAX_QUEUE_SIZE", "RESIZE_WIDTH"} <= named
    assert sorted(name for name in named if f"`{name}`" not in known) == []


def test_every_setting_of_the_operator() -> None:
    names = [f"FRAMETRACE_{name.upper()}" for name in Settings.model_fields]

    assert [name for name in names if f"| `{name}` |" not in page("reference/settings.md")] == []


def test_every_metric() -> None:
    text = page("reference/metrics.md")
    shown = {each.shown for each in (*runtime_metrics(), *operator_metrics())}

    assert [name for name in shown if f"| `{name}` |" not in text] == []
    assert [name for name in Metric if f"`{name.value}" not in text] == []


@pytest.mark.parametrize("names", [SpanName, Attribute, Outcome, DropReason])
def test_every_name_in_traces(names: Any) -> None:
    assert [name for name in names if f"| `{name.value}` |" not in page("reference/spans.md")] == []


def test_every_condition_and_reason() -> None:
    for kind, reasons in REASONS.items():
        section = page("reference/conditions.md").partition(f"\n## {kind.value}\n")[2].partition("\n## ")[0]

        assert [reason for reason in reasons if f"| `{reason.value}` |" not in section] == [], kind


def test_every_event() -> None:
    calls = [
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice"
    ]
    reasons = {str(call.args[1].value) for call in calls if isinstance(call.args[1], ast.Constant)}

    assert {"TracingRolledBack", "CameraCapturing", "OverTraceBudget"} <= reasons
    assert sorted(reason for reason in reasons if f"| `{reason}` |" not in page("reference/conditions.md")) == []


@pytest.mark.parametrize(
    ("app", "typed", "name"),
    [
        (runtime_app, "frametrace", "cli"),
        (plugin_app, "kubectl frametrace", "kubectl-plugin"),
        (analyzer_app, "scripts/trace_analyzer.py", "trace-analyzer"),
    ],
)
def test_every_command_and_option(app: Any, typed: str, name: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group

    for command in commands.values():
        section = page(f"reference/{name}.md").partition(f"\n## `{typed} {command.name} ")[2].partition("\n## ")[0]
        options = [option for each in command.params if each.param_type_name == "option" for option in each.opts]
        assert section, command.name
        assert [option for option in options if option != "--help" and option not in section] == []


def test_every_page_is_in_the_index() -> None:
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page("README.md"))}
    pages = {path for path in DOCS.rglob("*.md") if path.parent.name not in {"adr", "runbooks"}} - {DOCS / "README.md"}

    assert sorted(str(path.relative_to(DOCS)) for path in pages - linked) == []


def test_every_generator_finds_its_files_current(capsys: pytest.CaptureFixture[str]) -> None:
    drifted = [name for name, generate in GENERATORS.items() if generate(["--check"])]

    assert drifted == [], capsys.readouterr().err
