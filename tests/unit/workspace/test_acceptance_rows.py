"""Every row that the product has to answer for has a test that is named after it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "acceptance"
ROWS = [
    "card_kind",
    "card_packages",
    "card_top_level",
    "card_shape",
    "card_used_by",
    "card_language",
    "0_1",
    "0_2",
    "1_1",
    "1_2",
    "1_3",
    "2_1",
    "2_2",
    "2_3",
    "2_x",
    "3_1",
    "3_2",
    "s_1",
    "s_2",
    "s_3",
    "d_1",
    "d_2",
    "d_3",
    "d_4",
    "d_5",
    "r_1",
    "r_2",
    "b_1",
    "b_2",
    "b_3",
    "t",
]


def _tests() -> list[str]:
    nodes = [
        node for path in FOLDER.glob("test_*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    return [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_test(row: str) -> None:
    named = re.compile(rf"test_(\w_\d_)*{row}_\w+")

    assert [name for name in _tests() if named.fullmatch(name)]
