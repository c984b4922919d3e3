"""The page about rollbacks shows the table that runs."""

from __future__ import annotations

from frametrace_api.status_tracing import GuardState
from frametrace_operator.guard.deciding.table import TRANSITIONS

from scripts.reference.rollback import BEGIN, END, PAGE, generated


def test_the_page_has_every_state_and_every_row_of_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert generated() in text
    assert text.count(BEGIN) == text.count(END) == 1
    assert all(row.why in text for row in TRANSITIONS)
    assert all(f"| {state.value} |" in text for state in GuardState)
