"""Whole numbers as the API server reads them: within bounds, 3 and 3.0, never "3" or true."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["Between", "IntegerOrText"]


def _refuse_text(value: object) -> object:
    """Refuse what pydantic would turn into a number and the API server would not."""
    if isinstance(value, str | bool):
        raise ValueError("must be a whole number, written without quotes")  # noqa: TRY004 (pydantic reports ValueErrors only)
    return value


@dataclass(frozen=True, slots=True)
class Between:
    """Metadata of an integer field: `Annotated[int, Between(1, 100)]`; both ends are allowed."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Type first, bounds after."""
        return core_schema.no_info_before_validator_function(
            _refuse_text, core_schema.int_schema(ge=self.low, le=self.high)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The bounds, as the API server keeps them."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class IntegerOrText:
    """Metadata of a text that may be written as a whole number without quotes, such as a quantity; it is read as text. Comes last."""

    max_length: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Turn 2 into "2" before all other checks."""
        return core_schema.no_info_before_validator_function(_as_text, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Kubernetes' own way to say so; what else is known of the text stays."""
        kept = {key: value for key, value in handler(schema).items() if key not in ("type", "minLength")}
        return kept | {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "maxLength": self.max_length,
        }
