"""Lists as the API server has them: bounded, and either replaced as a whole or merged by a key that is unique."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["Listed"]


@dataclass(frozen=True, slots=True)
class Listed:
    """Metadata of a list field: `Annotated[tuple[Stage, ...], Listed(at_most=32, key="name")]`."""

    at_most: int
    at_least: int = 0
    key: str = ""
    """Field (its name here) whose value is unique in the list; without one the list is atomic."""

    def check(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the items, or raise ValueError."""
        if not self.at_least <= len(items) <= self.at_most:
            raise ValueError(f"has {len(items)} items; {self.at_least} to {self.at_most} are allowed")
        if self.key:
            self._refuse_repeated([str(getattr(item, self.key)) for item in items])
        return items

    def _refuse_repeated(self, keys: list[str]) -> None:
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        if repeated:
            raise ValueError(f"{self.key} must be unique; more than once: {', '.join(repeated)}")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after the items."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Bounds and how the API server merges."""
        json_schema = handler(schema) | {
            "maxItems": self.at_most,
            "x-kubernetes-list-type": "map" if self.key else "atomic",
        }
        if self.at_least:
            json_schema["minItems"] = self.at_least
        if self.key:
            json_schema["x-kubernetes-list-map-keys"] = [to_camel(self.key)]
        return json_schema
