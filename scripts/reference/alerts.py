"""Writes docs/reference/alerts.md from the rule file: ``python -m scripts.reference.alerts``; ``--check`` only compares."""

from __future__ import annotations

import sys

from scripts.monitoring.rules import RULES, Rule
from scripts.reference.pages import REFERENCE, keep

__all__ = ["PAGE", "main", "page"]

PAGE = REFERENCE / "alerts.md"
_HEAD = """# Alerts and recorded series

Made by `python -m scripts.reference.alerts` from `dashboards/rules/frametrace.rules.yaml`; never edited. Prometheus takes that
file as it is (`rule_files`); the chart brings it as a PrometheusRule (`prometheusRule.enabled`).
[How to set them up](../how-to/dashboards.md). Each alert fires, and stays silent, in a test of `promtool`.

## Recorded series

"""
_ALERTS = """
## Alerts

"""


def page() -> str:
    """Return the page's text."""
    records = "\n".join(f"- `{rule.record}`\n\n{_block(rule)}" for rule in RULES if rule.record)
    table = "| alert | severity | after | tells that |\n|---|---|---|---|\n"
    alerts = [rule for rule in RULES if rule.alert]
    table += "".join(_row(rule) for rule in alerts)
    details = "".join(
        f"\n### {rule.alert}\n\n{_plain(rule.annotations['description'])}\n\n{_block(rule)}" for rule in alerts
    )
    return f"{_HEAD}{records}{_ALERTS}{table}{details}"


def _row(rule: Rule) -> str:
    link = f"[{rule.alert}](../runbooks/{rule.alert}.md)"
    return f"| {link} | {rule.labels['severity']} | {rule.hold} | {_plain(rule.annotations['summary'])} |\n"


def _block(rule: Rule) -> str:
    return f"```promql\n{rule.expr}\n```\n"


def _plain(template: str) -> str:
    """The text with what Prometheus fills in in angle brackets, as code."""
    parts = template.replace("{{", "\0").replace("}}", "\1")
    filled = []
    for piece in parts.split("\0"):
        inside, closed, rest = piece.partition("\1")
        filled.append(f"`{_word(inside)}`{rest}" if closed else piece)
    return "".join(filled)


def _word(expression: str) -> str:
    return expression.split("|", maxsplit=1)[0].strip().removeprefix("$labels.").removeprefix("$")


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.alerts", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
