"""The design card: packages, top level, language, and the task's deliverables by name."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {"operator", "runtime", "crds", "charts", "dashboards", "tests", "docs", "scripts"}
SOURCES = ("crds", "runtime", "operator")


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in listed.stdout.splitlines()]


def _imports() -> set[str]:
    trees = (ast.parse(path.read_text()) for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return named | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize(
    "package",
    ["kopf", "kubernetes", "opentelemetry.sdk", "opentelemetry.exporter.otlp", "av", "redis", "pydantic", "jinja2"],
)
def test_card_packages_are_really_used(package: str) -> None:
    assert any(name == package or name.startswith(f"{package}.") for name in _imports())


def test_card_top_level_folders() -> None:
    folders = {path.parts[0] for path in _tracked() if len(path.parts) > 1 and not path.parts[0].startswith(".")}

    assert folders == TOP_LEVEL


def test_card_language_is_python() -> None:
    code = [path for path in _tracked() if path.suffix in {".py", ".go", ".ts", ".js", ".java", ".rs"}]

    assert all(path.suffix == ".py" for path in code)


@pytest.mark.parametrize(("row", "package"), [("D.1", "frame_tracking"), ("D.2", "telemetry")])
def test_d_1_d_2_libraries_are_importable_from_runtime(row: str, package: str) -> None:
    spec = importlib.util.find_spec(package)

    assert spec is not None, row
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT / "runtime")


@pytest.mark.parametrize("module", ["opentelemetry.trace", "contextvars"])
def test_t_tools_are_used_as_such(module: str) -> None:
    imports = _imports()

    assert any(name == module or name.startswith(f"{module}.") for name in imports) or (
        module == "opentelemetry.trace" and "opentelemetry" in imports
    )
