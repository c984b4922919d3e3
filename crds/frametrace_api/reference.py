"""The reference page of the resource, from its schema. Knows Markdown; must not know single fields."""

from collections.abc import Iterator
from typing import Any

from frametrace_api import group
from frametrace_api.rules import RULES_KEY

__all__ = ["page"]

_INTRODUCTION = f"""# CameraPipeline

`{group.API_VERSION}`, kind `{group.KIND}`; `kubectl get {group.PLURAL}`, or `{group.SHORT_NAME}` for short, or `{group.CATEGORY}` with whatever else is of that category.
This page is generated from the models in `crds/frametrace_api`. The same text is in the cluster: `kubectl explain {group.SINGULAR}.spec.cameras`.
Editors complete and check a file that begins with `# yaml-language-server: $schema=<path or URL of camerapipeline.schema.json>`.

A field in *italics* is required where its parent is given. "Left out" says what holds without the field; a default is filled in by the API server, or inside lists and
`tracing.backend` by the operator, so that GitOps tools see no difference.

"""
_STEERING = f"""## Conditions

[Conditions, their reasons, and Events](conditions.md) have a page of their own.

## Annotations

| annotation | value | effect |
|---|---|---|
| `{group.ROLLBACK_TRACING}` | RFC 3339 time stamp | takes tracing out now, as a rollback by the guard does |
| `{group.REENABLE_TRACING}` | RFC 3339 time stamp | begins to bring tracing back now, through the probation |
| `{group.SUSPEND}` | RFC 3339 time stamp | suspends the pipeline as long as it is there, whatever `spec.mode` says |
| `{group.APPROVE_UPGRADE}` | `status.pendingUpgrade.id` | lets the waiting change of the pods happen |

A value of the first two is acted upon once.

"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield ", ".join(f"`{value}`" for value in schema["enum"])
    if "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']} to {schema['maximum']}"
    if "maxLength" in schema and "enum" not in schema:
        yield f"≤ {schema['maxLength']} characters"
    if "maxItems" in schema:
        yield f"{schema.get('minItems', 0)} to {schema['maxItems']} items"
    if "maxProperties" in schema:
        yield f"≤ {schema['maxProperties']} keys"


def _type(schema: dict[str, Any]) -> str:
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map to {_type(schema['additionalProperties'])}"
    return (
        "quantity"
        if "x-kubernetes-int-or-string" in schema
        else str(schema.get("format") if schema.get("format") == "date-time" else schema["type"])
    )


def _row(path: str, schema: dict[str, Any], *, required: bool) -> str:
    name = f"*`{path}`*" if required else f"`{path}`"
    default = f"`{schema['default']}`" if schema.get("default", {}) != {} else ""
    return f"| {name} | {_type(schema)} | {_cell('; '.join(_bounds(schema)))} | {default} | {_cell(schema.get('description', ''))} |\n"


def _rows(schema: dict[str, Any], path: str) -> Iterator[str]:
    """One row a field, depth first."""
    for name, child in schema.get("properties", {}).items():
        below = f"{path}.{name}"
        yield _row(below, child, required=name in schema.get("required", ()))
        inner = child.get("items", child)
        yield from _rows(inner, f"{below}[]" if "items" in child else below)


def _rules(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """(path, message) of every rule, depth first."""
    for rule in schema.get(RULES_KEY, ()):
        yield f"{path}{rule.get('fieldPath', '')}", rule["message"]
    for name, child in schema.get("properties", {}).items():
        yield from _rules(child, f"{path}.{name}")
    for key, suffix in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(schema.get(key), dict):
            yield from _rules(schema[key], f"{path}{suffix}")


def _without_affinity(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with affinity as one field: its inside is Kubernetes' own and documented there."""
    if not isinstance(schema, dict):
        return schema
    copy = {key: _without_affinity(value) if isinstance(value, dict) else value for key, value in schema.items()}
    if isinstance(copy.get("properties"), dict) and "affinity" in copy["properties"]:
        copy["properties"]["affinity"].pop("properties", None)
    return copy


def _fields(title: str, schema: dict[str, Any], path: str) -> Iterator[str]:
    yield f"## {title}\n\n| field | type | bounds | default | meaning |\n|---|---|---|---|---|\n"
    yield from _rows(schema, path)
    yield "\n"


def page(openapi: dict[str, Any]) -> str:
    """The page as Markdown. `openapi`: the structural schema of the whole object."""
    shown = _without_affinity(openapi)
    rules = "".join(f"| `{path.removeprefix('.')}` | {_cell(message)} |\n" for path, message in _rules(shown, ""))
    parts = [
        _INTRODUCTION,
        *_fields("Spec", shown["properties"]["spec"], "spec"),
        f"## Refused\n\nThe API server refuses, beside what passes the bounds above:\n\n| where | message |\n|---|---|\n{rules}\n",
        *_fields("Status", shown["properties"]["status"], "status"),
        _STEERING,
    ]
    return "".join(parts).rstrip("\n") + "\n"
