"""The rule file as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

__all__ = ["RULES", "RULE_FILE", "RUNBOOKS", "Rule", "load_rules"]

_ROOT = Path(__file__).resolve().parents[2]
RULE_FILE = _ROOT / "dashboards" / "rules" / "frametrace.rules.yaml"
RUNBOOKS = _ROOT / "docs" / "runbooks"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `alert` or `record` is its name, the other is empty. `hold` is how long it must hold, such as `2m`."""

    group: str
    expr: str
    alert: str = ""
    record: str = ""
    hold: str = "0s"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


def load_rules(file: Path = RULE_FILE) -> tuple[Rule, ...]:
    """Return all rules of a file."""
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    return tuple(
        Rule(
            group["name"],
            rule["expr"],
            rule.get("alert", ""),
            rule.get("record", ""),
            rule.get("for", "0s"),
            rule.get("labels", {}),
            rule.get("annotations", {}),
        )
        for group in groups
        for rule in group["rules"]
    )


RULES = load_rules()
