"""From pydantic's JSON Schema to a structural OpenAPI v3 schema as the API server wants it: inlined, typed, pruned, no nulls.

Pure functions on dictionaries; must not know which resource it is.
"""

from collections.abc import Mapping
from typing import Any

from frametrace_api.rules import PATTERN_KEY, RULES_KEY

__all__ = ["RESOLVED_KEY", "structural"]

RESOLVED_KEY = "x-frametrace-defaults"
"""Marks a field whose defaults, and those of all below it, are filled in by the reader and never by the API server."""

Schema = dict[str, Any]

_INT32_MAX = 2**31 - 1
_KEPT = (
    "type",
    "enum",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "maxProperties",
    "required",
    "anyOf",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
    RULES_KEY,
    PATTERN_KEY,
)


def structural(root: Schema, *, defaults: bool = True) -> Schema:
    """The structural form of a model's JSON Schema.

    Args:
        root: what `model_json_schema(by_alias=True)` returns, `$defs` included.
        defaults: whether defaults are for the API server to fill in; below list items they never are.
    """
    return _convert(root, root.get("$defs", {}), defaults=defaults)


def _convert(node: Schema, definitions: Mapping[str, Schema], *, defaults: bool) -> Schema:
    merged = _resolved(node, definitions)
    defaults = defaults and RESOLVED_KEY not in merged
    result = {key: merged[key] for key in _KEPT if key in merged}
    if "const" in merged:
        result["enum"] = [merged["const"]]
    if "description" in merged:
        result["description"] = " ".join(merged["description"].split())
    if "properties" in merged:
        result["properties"] = {
            name: _property(child, definitions, required=name in merged.get("required", ()), defaults=defaults)
            for name, child in merged["properties"].items()
        }
    if "items" in merged:
        result["items"] = _without_description(_convert(merged["items"], definitions, defaults=False))
    if isinstance(merged.get("additionalProperties"), dict):
        result["additionalProperties"] = _convert(merged["additionalProperties"], definitions, defaults=False)
    return _with_integer_format(result)


def _resolved(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """Follow references and drop `null` alternatives; what stands nearer to the field wins, rules add up."""
    merged = dict(node)
    while "$ref" in merged or _is_optional(merged):
        inner = (
            definitions[merged.pop("$ref").rpartition("/")[2]] if "$ref" in merged else _not_null(merged.pop("anyOf"))
        )
        rules = [*inner.get(RULES_KEY, ()), *merged.get(RULES_KEY, ())]
        merged = {**inner, **merged} | ({RULES_KEY: rules} if rules else {})
    return merged


def _is_optional(node: Schema) -> bool:
    return {"type": "null"} in node.get("anyOf", ())


def _not_null(alternatives: list[Schema]) -> Schema:
    (only,) = (alternative for alternative in alternatives if alternative != {"type": "null"})
    return only


def _property(node: Schema, definitions: Mapping[str, Schema], *, required: bool, defaults: bool) -> Schema:
    result = _convert(node, definitions, defaults=defaults)
    if not required and defaults:
        default = _default(node.get("default"), result)
        if default is not None:
            result["default"] = default
    return result


def _default(value: object, converted: Schema) -> object:
    """A scalar as it is; for an object with defaults of its own an empty one, which the API server then fills; else none."""
    if isinstance(value, str | int):
        return value
    if any("default" in child for child in converted.get("properties", {}).values()):
        return {}
    return None


def _without_description(item: Schema) -> Schema:
    """An item's class says less than the list's own description, which `kubectl explain` shows."""
    return {key: value for key, value in item.items() if key != "description" or item.get("type") == "object"}


def _with_integer_format(schema: Schema) -> Schema:
    if schema.get("type") != "integer":
        return schema
    return schema | {"format": "int32" if schema.get("maximum", _INT32_MAX + 1) <= _INT32_MAX else "int64"}
