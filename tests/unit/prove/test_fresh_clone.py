"""What the README has one type is run in its order and timed, each command; one that fails ends it and is named."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from scripts.prove.fresh_clone import BARS, commands, timed, verdict
from scripts.prove.results import ROOT

_README = ROOT / "README.md"
_ALL = ["without_a_cluster", "demo_cold", "demo_warm", "demo_down", "test"]


def test_both_blocks_of_the_readme_and_all_tests_are_run() -> None:
    typed = commands(_README)

    assert list(typed) == _ALL
    assert "frametrace run" in typed["without_a_cluster"]
    assert typed["demo_cold"] == typed["demo_warm"] == "make demo\n"
    assert typed["test"].strip() in _README.read_text(encoding="utf-8")


def test_a_readme_with_other_commands_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("```sh\nmake demo\n```\n", encoding="utf-8")

    with pytest.raises(ValueError, match="has other commands"):
        commands(tmp_path / "README.md")


def _run(seconds: int, fails: str = "") -> dict[str, int | str]:
    """Every command takes so long, by a clock that is looked at before and after it."""
    ticks = count(0, seconds)
    return timed(commands(_README), lambda text: 2 if fails and fails in text else 0, lambda: float(next(ticks)))


def test_every_command_is_timed_and_held_to_its_bar() -> None:
    typed = commands(_README)

    assert verdict(typed, _run(60)) == {"figure": dict.fromkeys(_ALL, 60), "bar": BARS, "ok": True}
    assert verdict(typed, _run(91))["ok"] is False


def test_a_command_that_fails_ends_it_and_is_told() -> None:
    figure = _run(60, fails="make test")

    assert figure["test"] == "failed with 2 after 60 s"
    assert verdict(commands(_README), figure)["ok"] is False
    assert list(_run(60, fails="make demo")) == ["without_a_cluster", "demo_cold"]
