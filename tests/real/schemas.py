"""Kubernetes' own schemas of its kinds, from the package kubernetes-validate; read once a kind, where it reads them each time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

__all__ = ["schema_errors"]


@cache
def _validator(kind: str, api_version: str, kubernetes: str) -> Draft202012Validator:
    folder = f"kubernetes-json-schema/v{kubernetes}-local-strict"
    group, _, version = api_version.rpartition("/")
    named = f"{group.split('.')[0]}-{version}" if group else version
    schema = schema_contents(f"{folder}/{kind.lower()}-{named}.json", kubernetes)
    definitions = schema_contents(f"{folder}/_definitions.json", kubernetes)
    registry: Registry[Any] = Resource.from_contents(definitions) @ Registry()
    return Draft202012Validator(schema, registry=Resource.from_contents(schema) @ registry)


def schema_errors(manifest: Mapping[str, Any], kubernetes: str) -> list[str]:
    """Return what a Kubernetes version (`1.33.0`) finds wrong with a manifest, unknown fields included."""
    validator = _validator(manifest["kind"], manifest["apiVersion"], kubernetes)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(manifest)]
