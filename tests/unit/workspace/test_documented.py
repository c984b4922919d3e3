"""Nothing public goes undocumented: fields, settings, metrics, attributes, reasons, Events, labels, paths, Python, commands.

What a test looks for is read from the code itself, so that what is new has to be told; and every page is found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
from camera_runtime.analysis.app import app as analyzer_app
from camera_runtime.cli.app import app as runtime_app
from frame_tracking import Attribute, DropReason, Metric, Outcome, SpanName
from frametrace_api.conditions import REASONS
from frametrace_api.crd import openapi_schema
from frametrace_api.group import GROUP, VERSION
from frametrace_operator.plugin.app import app as plugin_app
from frametrace_operator.settings import Settings

from scripts.monitoring.metrics import operator_metrics, runtime_metrics
from scripts.reference.__main__ import GENERATORS
from scripts.reference.python import MODULES

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
SOURCES = [path for folder in ("crds", "runtime", "operator") for path in sorted((ROOT / folder).rglob("*.py"))]
_NAME = re.compile(rf"{re.escape(GROUP)}/([a-z-]+)")
_PATH = re.compile(r"/([a-z]+(\.[a-z]+)?)?")
_VARIABLE = re.compile(r"(OTEL|FRAMETRACE|RESIZE|ARCHIVE)_[A-Z_]*[A-Z]")


@cache
def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def constants_of(path: Path) -> frozenset[str]:
    """The texts in a module: no comments, no docstrings of modules, classes and functions."""
    bare = {id(node.value) for node in nodes_of(path) if isinstance(node, ast.Expr)}
    return frozenset(
        node.value
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
    )


def constants() -> frozenset[str]:
    """The texts in all of the code."""
    return frozenset[str]().union(*map(constants_of, SOURCES))


def names_of_ours() -> set[str]:
    """Labels and annotations, written out or put together from the group and a constant, as `f"{GROUP}/suspend"` is."""
    whole = {text for text in constants() if _NAME.fullmatch(text)}
    joined = (node.values for path in SOURCES for node in nodes_of(path) if isinstance(node, ast.JoinedStr))
    parts = (
        ends for first, *ends in joined if isinstance(first, ast.FormattedValue) and ast.unparse(first.value) == "GROUP"
    )
    return whole | {f"{GROUP}{end.value}" for end, *more in parts if not more and isinstance(end, ast.Constant)}


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


def test_every_label_and_annotation() -> None:
    names = names_of_ours()

    assert {f"{GROUP}/monitoring", f"{GROUP}/shard", f"{GROUP}/rollback-id", f"{GROUP}/suspend"} <= names
    assert f"{GROUP}/{VERSION}" not in names
    assert sorted(name for name in names if f"`{name}`" not in page("reference/labels.md")) == []


def test_every_path_of_an_http_server() -> None:
    """A module that answers knows the answers' form, or is the operator's."""
    answering = ("camera_runtime.http.endpoints import Answer", "class Answer:", "from aiohttp import web")
    modules = [path for path in SOURCES if any(words in path.read_text(encoding="utf-8") for words in answering)]
    paths = {text for path in modules for text in constants_of(path) if _PATH.fullmatch(text)}

    assert {"/", "/ledger", "/metrics", "/picture.jpg", "/style.css", "/readyz"} <= paths
    told = page("reference/http.md")
    assert sorted(path for path in paths if not re.search(rf"`{re.escape(path)}[`?]", told)) == []


def test_everything_that_the_python_modules_declare() -> None:
    for name in MODULES:
        section = page("reference/python.md").partition(f"\n## `{name}`\n")[2].partition("\n## ")[0]
        declared = import_module(name).__all__

        assert [each for each in declared if not re.search(rf"^\| `{each}(\(\))?` \|", section, re.MULTILINE)] == [], (
            name
        )


def test_every_event() -> None:
    calls = [
        node
        for path in SOURCES
        for node in nodes_of(path)
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
        declared = [each for each in command.params if each.param_type_name == "option"]
        options = [option for each in declared for option in (*each.opts, *each.secondary_opts)]
        table = section.partition("\nFor example:\n")[0]
        assert section, command.name
        assert [option for option in options if option != "--help" and not re.search(rf"[` ]{option}[` ]", table)] == []


def test_every_page_is_in_the_index() -> None:
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page("README.md"))}
    pages = {path for path in DOCS.rglob("*.md") if path.parent.name not in {"adr", "runbooks"}} - {DOCS / "README.md"}

    assert sorted(str(path.relative_to(DOCS)) for path in pages - linked) == []


def test_every_picture_is_shown_on_a_page() -> None:
    pages = [DOCS.parent / "README.md", *DOCS.rglob("*.md")]
    shown = {
        (path.parent / link).resolve()
        for path in pages
        for link in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    }

    pictures = {*(DOCS / "images").iterdir(), *(DOCS / "reference").glob("*.svg")}
    assert {path.resolve() for path in pictures} == shown


def test_no_page_tells_to_take_from_an_index_what_no_index_has() -> None:
    """Nothing is published: a package of one of our names is a stranger's."""
    pages = [DOCS.parent / "README.md", *DOCS.rglob("*.md")]
    told = [
        (path.name, line)
        for path in pages
        for line in re.findall(r"pip install[^\n`]*", path.read_text(encoding="utf-8"))
    ]

    assert len(told) >= 5
    assert [each for each in told if re.search(r"""[\s'"]frametrace([-_\[]|$)""", each[1])] == []


def test_every_generator_finds_its_files_current(capsys: pytest.CaptureFixture[str]) -> None:
    drifted = [name for name, generate in GENERATORS.items() if generate(["--check"])]

    assert drifted == [], capsys.readouterr().err
