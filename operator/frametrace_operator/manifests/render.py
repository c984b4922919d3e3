"""Rendering: a template and values become one checked child.

Every value that a template prints is written as a quoted YAML scalar or flow collection (`as_yaml`, for all of them,
so that none can be forgotten): a value stays data, whatever characters it holds. Must not know what any value means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from frametrace_api.group import API_VERSION, KIND
from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from yaml import CSafeLoader, load

from frametrace_operator.manifests.asked import derived_hash, spec_hash
from frametrace_operator.manifests.checks import check_manifest
from frametrace_operator.manifests.child import Child, rendered_hash, short_hash
from frametrace_operator.naming import DERIVED_HASH, RENDERED_HASH, SPEC_HASH, TEMPLATE_HASH, Role, child_name, labels
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.yaml_text import yaml_line

__all__ = ["as_yaml", "render", "render_text"]

_NONE: Final[Mapping[str, str]] = {}


def as_yaml(value: object) -> str:
    """A value as YAML on one line that reads back as the same value."""
    if isinstance(value, Undefined):
        str(value)  # raises, and names the variable
    return yaml_line(value)


_TEMPLATES: Final = Environment(  # noqa: S701 (there is no HTML; `finalize` quotes every value)  # nosec B701
    loader=PackageLoader("frametrace_operator.manifests"),
    undefined=StrictUndefined,
    finalize=as_yaml,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(
    template: str,
    pipeline: Pipeline,
    role: Role,
    item: str = "",
    /,
    *,
    notes: Mapping[str, str] = _NONE,
    more_labels: Mapping[str, str] = _NONE,
    **values: object,
) -> Child:
    """Fill `templates/<template>.yaml.j2`; it finds `metadata` there beside `values`. `notes` become annotations.

    `more_labels` are the cluster's owner's; none takes the place of one of ours.

    Raises:
        InvalidManifestError: if the result is not the object that was asked for, or a pod that may too much.
    """
    metadata = _metadata(pipeline, role, item)
    metadata["labels"] = {**more_labels, **metadata["labels"]}
    body = load(render_text(template, metadata=metadata, **values), CSafeLoader)
    check_manifest(body, metadata)
    body["metadata"]["annotations"] = {**notes, **_template_notes(pipeline, role, item, body)}
    body["metadata"]["annotations"][RENDERED_HASH] = rendered_hash(body)
    return Child(role.value, item, body, create_only=body["kind"] in _CREATE_ONLY)


_CREATE_ONLY: Final = frozenset({"Secret", "PersistentVolumeClaim"})
"""A password is made up once and never read back; a claim's size cannot shrink, so it is written again only to grow."""


def render_text(template: str, **values: object) -> str:
    """Fill a template; the text may be a file inside a manifest, too."""
    return _TEMPLATES.get_template(f"{template}.yaml.j2").render(values)


def _template_notes(pipeline: Pipeline, role: Role, item: str, body: Mapping[str, Any]) -> dict[str, str]:
    """What tells a new operator version's pods from those of a changed resource."""
    if body["kind"] != "Deployment":
        return {}
    template = body["spec"]["template"]
    return {
        SPEC_HASH: spec_hash(pipeline.spec, role, item, template),
        DERIVED_HASH: derived_hash(pipeline.spec, role),
        TEMPLATE_HASH: short_hash(template),
    }


def _metadata(pipeline: Pipeline, role: Role, item: str) -> dict[str, Any]:
    return {
        "name": child_name(pipeline, role, item),
        "namespace": pipeline.namespace,
        "labels": labels(pipeline, role, item),
        "ownerReferences": [_owner(pipeline)],
    }


def _owner(pipeline: Pipeline) -> dict[str, Any]:
    """The reference by which the cluster itself deletes the child, whether an operator runs or not."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": pipeline.name,
        "uid": pipeline.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
