"""The repository as its readers find it: documents lead where they say, commands exist, nothing is left unfinished."""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import typer.main

from scripts.cluster.pins import GO_MINIMUM

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
_MACHINE = re.compile(r"(?<![\w.~$])/(?:wo" + r"rk|ro" + r"ot)/")


@cache
def texts() -> dict[str, str]:
    """The tracked text files that people write, by name."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = [
        name for name in listed if not name.endswith((".sum", ".lock", ".png", "LICENSE")) and (ROOT / name).is_file()
    ]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names}


@cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def code(document: Path) -> str:
    """What stands in a document as code."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", document.read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("pattern", [_UNFINISHED, _MACHINE], ids=["unfinished marks", "paths of one machine"])
def test_no_file_has(pattern: re.Pattern[str]) -> None:
    found = {name: sorted(set(map(str, pattern.findall(text)))) for name, text in texts().items()}

    assert {name: marks for name, marks in found.items() if marks} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


@cache
def anchors(document: Path) -> set[str]:
    """Where links into a document lead: its headings, as they are written in addresses."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_a_heading_find_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]*)#([^)]+)\)", document.read_text(encoding="utf-8"))

    assert [
        (page, heading)
        for page, heading in links
        if heading not in anchors((document.parent / page) if page else document)
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_targets_that_documents_name_exist(document: Path) -> None:
    assert set(re.findall(r"\bmake ([a-z][a-z-]+)", code(document))) <= targets()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_programs_that_documents_name_have_these_commands(document: Path) -> None:
    named = re.findall(r"python -m (scripts\.[a-z_.]+)(?: ([a-z]+))?", code(document))

    assert [(module, command) for module, command in named if not _exists(module, command)] == []


def _exists(module: str, command: str) -> bool:
    if importlib.util.find_spec(module) is None:
        return False
    place = {"scripts.cluster": "scripts.cluster.cli"}.get(module, f"{module}.__main__")
    return not command or command in _commands(place)


@cache
def _commands(module: str) -> set[str]:
    group = typer.main.get_command(importlib.import_module(module).app)
    return set(getattr(group, "commands", {}))


def test_every_target_is_explained_in_the_list_or_part_of_another() -> None:
    explained = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert targets() - explained == {"lint", "unit"}


def test_the_readme_asks_for_the_go_that_the_tools_ask_for() -> None:
    assert f"Go {GO_MINIMUM[0]}.{GO_MINIMUM[1]}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_decisions_are_numbered_without_a_gap() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [path.name[:4] for path in records] == [f"{number:03d}-" for number in range(1, len(records) + 1)]
    headings = [path.read_text(encoding="utf-8").splitlines()[0] for path in records]
    assert [heading.split(". ")[0] for heading in headings] == [f"# {number}" for number in range(1, len(records) + 1)]
