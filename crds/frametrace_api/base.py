"""ApiModel: what every part of the custom resource and of the operator-to-runtime contract has in common.

Knows how a Kubernetes object is read and written (camelCase, nulls count as left out); must not know any field of it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from frametrace_api.rules import Rule

__all__ = ["ApiModel"]


class ApiModel(BaseModel):
    """Frozen; unknown fields are errors; camelCase outside, snake_case inside; values never appear in error texts."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # a refused camera URL may hold a password
    )

    rules: ClassVar[tuple[Rule, ...]] = ()
    """Rules across this object's fields: CEL in the CRD, checked here after the fields."""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: object) -> object:
        """A key without a value counts as left out, as it does for the API server."""
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None}

    @model_validator(mode="after")
    def _keep_rules(self) -> Self:
        for rule in self.rules:
            rule.check(self)
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add the object's own rules to its schema."""
        schema = handler(core_schema)
        target = handler.resolve_ref_schema(schema)
        for rule in cls.rules:
            rule.add_to(target)
        return schema

    def to_object(self) -> dict[str, Any]:
        """The object as it goes to the API server: camelCase, JSON values, nothing that is unset."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
