"""The schema keeps Kubernetes' conventions and its own promises, field by field."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from frametrace_api.crd import crd_document, openapi_schema

Schema = dict[str, Any]
BOOLEANS_OF_KUBERNETES = {".valueFrom.secretKeyRef.optional", ".valueFrom.configMapKeyRef.optional"}
IN_POD_SHAPES = ("affinity", "matchLabels", "nodeSelector")


def walk(schema: Schema, path: str = "", *, in_list: bool = False) -> Iterator[tuple[str, Schema, bool]]:
    """(path, schema, inside a list item) of the schema and all below it."""
    yield path, schema, in_list
    for name, child in schema.get("properties", {}).items():
        yield from walk(child, f"{path}.{name}", in_list=in_list)
    if "items" in schema:
        yield from walk(schema["items"], f"{path}[]", in_list=True)
    if "additionalProperties" in schema:
        yield from walk(schema["additionalProperties"], f"{path}.*", in_list=in_list)


OWN = [entry for part in ("spec", "status") for entry in walk(openapi_schema()["properties"][part], part)]


def of_type(kind: str) -> list[tuple[str, Schema]]:
    return [(path, schema) for path, schema, _ in OWN if schema.get("type") == kind]


def named_fields() -> list[tuple[str, Schema]]:
    return [(path, schema) for path, schema, _ in OWN if not path.endswith(("[]", ".*"))]


def test_every_field_says_what_it_is() -> None:
    assert [
        path
        for path, schema in named_fields()
        if len(schema.get("description", "")) < 5 or not schema["description"].endswith(".")
    ] == []


def test_every_optional_field_of_the_spec_says_what_holds_without_it() -> None:
    def is_open(name: str, child: Schema, parent: Schema) -> bool:
        has_defaults_below = child.get("default") == {}
        return (
            name not in parent.get("required", ())
            and not has_defaults_below
            and not any(word in child["description"] for word in ("Left out", "Default:"))
        )

    spec = list(walk(openapi_schema()["properties"]["spec"], "spec"))
    silent = [
        f"{path}.{name}"
        for path, parent, _ in spec
        for name, child in parent.get("properties", {}).items()
        if is_open(name, child, parent) and not any(shape in path for shape in (*IN_POD_SHAPES, "valueFrom"))
    ]

    assert silent == []


def test_every_default_is_the_one_that_its_description_names() -> None:
    scalars = [(path, schema) for path, schema, _ in OWN if not isinstance(schema.get("default", {}), dict)]

    assert len(scalars) > 20
    assert [
        path
        for path, schema in scalars
        if f"Default: {schema['default']}." not in schema["description"].replace('"', "")
    ] == []


def test_no_field_is_a_floating_point_number() -> None:
    assert of_type("number") == []


def test_booleans_stand_only_where_kubernetes_has_them() -> None:
    assert [path for path, _ in of_type("boolean") if not path.endswith(tuple(BOOLEANS_OF_KUBERNETES))] == []


def test_every_list_is_bounded_and_says_how_it_merges() -> None:
    assert [
        path for path, schema in of_type("array") if "maxItems" not in schema or "x-kubernetes-list-type" not in schema
    ] == []


def test_the_key_of_every_merged_list_is_required() -> None:
    merged = [(path, schema) for path, schema in of_type("array") if schema["x-kubernetes-list-type"] == "map"]

    assert [
        path
        for path, schema in merged
        if not set(schema["x-kubernetes-list-map-keys"]) <= set(schema["items"]["required"])
    ] == []


def test_every_text_is_bounded() -> None:
    assert [
        path
        for path, schema in of_type("string")
        if not {"maxLength", "enum"} & schema.keys() and schema.get("format") != "date-time"
    ] == []


def test_every_integer_is_bounded_and_safe_in_json() -> None:
    assert [
        path
        for path, schema in of_type("integer")
        if not -(2**53) < schema.get("minimum", 2**53) <= schema.get("maximum", 2**53) < 2**53
    ] == []


def test_every_map_is_bounded() -> None:
    assert [path for path, schema, _ in OWN if "additionalProperties" in schema and "maxProperties" not in schema] == []


def test_no_default_inside_a_list_item_a_backend_or_the_status() -> None:
    assert [
        path
        for path, schema, in_list in OWN
        if "default" in schema and (in_list or ".backend" in path or path.startswith("status"))
    ] == ["status"]


def test_a_status_that_nobody_wrote_is_of_no_generation() -> None:
    assert openapi_schema()["properties"]["status"]["default"] == {"observedGeneration": 0}


def test_nothing_is_called_phase_and_durations_name_their_unit() -> None:
    assert [
        path
        for path, _ in named_fields()
        if path.rpartition(".")[2] in {"phase", "timeout", "interval", "duration", "window"}
    ] == []


@pytest.mark.parametrize("word", ["$ref", "$defs", "title", "x-frametrace-pattern", "x-frametrace-defaults", "const"])
def test_the_schema_holds_nothing_that_the_api_server_does_not_know(word: str) -> None:
    assert f'"{word}":' not in json.dumps(openapi_schema())


def test_every_rule_has_a_message_and_no_rule_on_an_address_repeats_it() -> None:
    rules = [(path, rule) for path, schema, _ in OWN for rule in schema.get("x-kubernetes-validations", ())]

    assert len(rules) > 60
    assert [path for path, rule in rules if len(rule["message"]) < 10] == []
    assert [
        path
        for path, rule in rules
        if path.lower().endswith(("url", "endpoint"))
        and ("messageExpression" in rule or rule["reason"] != "FieldValueForbidden")
    ] == []


def test_the_resource_is_namespaced_with_a_status_of_its_own() -> None:
    document = crd_document()["spec"]

    assert document["scope"] == "Namespaced"
    assert document["names"]["categories"] == ["cameras"]
    assert document["versions"][0]["subresources"] == {"status": {}}


def test_the_crd_fits_into_the_annotation_of_kubectl_apply() -> None:
    assert len(json.dumps(crd_document())) < 200_000
