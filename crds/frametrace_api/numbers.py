"""Whole numbers as the API server reads them: within bounds, 3 and 3.0, never "3" or true."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["Between"]


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
