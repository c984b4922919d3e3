"""The programs of the reference page on Python print what stands beneath them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scripts.prove.pages import Page, Program

PAGE = Page.of("reference/python.md")


@pytest.mark.parametrize("program", PAGE.programs, ids=lambda program: program.text.splitlines()[0])
def test_a_program_of_the_page(program: Program) -> None:
    """Nothing takes spans here, so none are made."""
    done = subprocess.run(
        [sys.executable, "-c", program.text],
        env=os.environ | {"OTEL_SDK_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.stdout, done.stderr) == (program.prints, "")


def test_1_3_and_2_3_are_told_in_the_rows_own_words() -> None:
    assert len(PAGE.programs) == len(PAGE.blocks("python")) == 2
    for words in ("capture_frame(", "producer.send(frame, trace_context)", "frame, context = consumer.receive()"):
        assert words in PAGE.text
