"""Write the diagram and the table of the guard's states into docs/explanation/rollback.md, from the table that runs."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from frametrace_operator.guard.deciding.table import TRANSITIONS

PAGE: Final = Path("docs/explanation/rollback.md")
BEGIN: Final = "<!-- generated from guard/deciding/table.py: begin -->\n"
END: Final = "<!-- generated from guard/deciding/table.py: end -->\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it has drifted."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}{generated()}{END}{after}"
    if "--check" in arguments:
        if text != wanted:
            print(f"{PAGE} has drifted from the guard's table; run scripts/generate.sh")
        return int(text != wanted)
    if text != wanted:
        PAGE.write_text(wanted, encoding="utf-8")
        print(PAGE.resolve())
    return 0


def generated() -> str:
    """The diagram and the table."""
    return "\n".join([*_diagram(), "", *_table(), ""])


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    [*] --> Healthy"
    edges = dict.fromkeys((source, row.target) for row in TRANSITIONS for source in row.sources)
    for source, target in edges:
        yield f"    {source.value} --> {target.value}"
    yield "```"


def _table() -> Iterator[str]:
    yield "| # | from | to | when |"
    yield "|---|---|---|---|"
    for number, row in enumerate(TRANSITIONS, start=1):
        sources = ", ".join(source.value for source in row.sources)
        yield f"| {number} | {sources} | {row.target.value} | {row.why} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
