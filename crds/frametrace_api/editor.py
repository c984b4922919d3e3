"""The JSON Schema that editors complete and check YAML with. Must not know the API server's own extensions."""

import json
from typing import Any

from frametrace_api import group
from frametrace_api.rules import PATTERN_KEY

__all__ = ["schema_json"]


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema without Kubernetes' extensions; unknown fields are marked, patterns are back."""
    result = {
        key: value
        for key, value in node.items()
        if not key.startswith("x-") and key not in ("properties", "items", "additionalProperties")
    }
    if PATTERN_KEY in node:
        result["pattern"] = node[PATTERN_KEY]
    if "properties" in node:
        result["properties"] = {name: _plain(child) for name, child in node["properties"].items()}
        result["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            result[key] = _plain(node[key])
    return result


def schema_json(openapi: dict[str, Any]) -> str:
    """The schema as text. `openapi`: the structural schema with the rules' patterns."""
    schema = _plain(openapi)
    schema["properties"]["apiVersion"]["const"] = group.API_VERSION
    schema["properties"]["kind"]["const"] = group.KIND
    schema["properties"]["metadata"] = {"type": "object"}
    schema["required"] = ["apiVersion", "kind", "metadata", "spec"]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": group.KIND}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"
