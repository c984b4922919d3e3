"""Rules: one statement of what is allowed, as CEL for the API server and as a check in Python.

A rule stands beside the model it belongs to. This module knows how rules are written down; it must not know any of them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["PATTERN_KEY", "RULES_KEY", "STORED", "Reason", "Rule", "cel_text", "matching"]

RULES_KEY = "x-kubernetes-validations"
PATTERN_KEY = (
    "x-frametrace-pattern"  # for editors only: the API server's words for a pattern that does not match help nobody
)

STORED = {"stored": True}
"""Context of `model_validate` for what the API server has stored: rules that came later (`later`) do not hold for it."""

T = TypeVar("T")
Reason = Literal["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `holds` is its Python side: it takes the same value that CEL calls `self`.

    As metadata (`Annotated[str, rule]`) it guards a value; in `ApiModel.rules` it guards an object.
    """

    cel: str
    message: str
    holds: Callable[[Any], bool]
    message_expression: str = ""
    """CEL for a message with the refused value in it; never where the value may be a secret."""
    field_path: str = ""
    """Path below the object, such as `.overflow`, so that the error names the field that has to change."""
    reason: Reason = "FieldValueInvalid"
    pattern: str = ""
    """The whole rule as a regular expression, where it is one; editors use it."""
    later: bool = False
    """Whether older versions took what it refuses: what is stored may break it, as the API server lets it until it is changed."""

    def as_schema(self) -> dict[str, str]:
        """The entry of `x-kubernetes-validations`."""
        entry = {"rule": self.cel, "message": self.message, "reason": self.reason}
        if self.message_expression:
            entry["messageExpression"] = self.message_expression
        if self.field_path:
            entry["fieldPath"] = self.field_path
        return entry

    def add_to(self, schema: JsonSchemaValue) -> None:
        """Append this rule to a schema's rules."""
        schema.setdefault(RULES_KEY, []).append(self.as_schema())
        if self.pattern:
            schema[PATTERN_KEY] = self.pattern

    def check(self, value: T) -> T:
        """Return the value, or raise ValueError with the message."""
        if not self.holds(value):
            where = f"{self.field_path.removeprefix('.')}: " if self.field_path else ""
            raise ValueError(f"{where}{self.message}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after pydantic's own checks, as the API server does."""
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Write the rule beside the value's type."""
        json_schema = handler(schema)
        self.add_to(json_schema)
        return json_schema

    def _check(self, value: T, info: ValidationInfo) -> T:
        stored = self.later and info.context is not None and info.context.get("stored") is True
        return value if stored else self.check(value)

    @classmethod
    def for_text(cls, body: str, message: str) -> Self:
        """A text that must match `body` as a whole; the message ends with the refused text."""
        anchored = f"^(?:{body})$"
        return cls(
            cel=f"self.matches({cel_text(anchored)})",
            message=message,
            message_expression=f"{cel_text(message + '; got ')} + self",
            holds=lambda value: re.fullmatch(body, value) is not None,
            pattern=anchored,
        )


def cel_text(text: str) -> str:
    """The text as a CEL string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


matching = Rule.for_text
