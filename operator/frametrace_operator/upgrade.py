"""Upgrade: which Deployments would replace their pods for no other reason than a new operator (or its settings). Pure.

Such a change may have to wait for a person's word (`spec.rollout.upgrades: OnApproval`). The word names the operator's
version and settings, so it holds until all of it is done, also when the resource changes meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from frametrace_api.group import APPROVE_UPGRADE
from frametrace_api.spec import PipelineMode, Upgrades

from frametrace_operator.manifests import Child
from frametrace_operator.manifests.asked import derived_anew
from frametrace_operator.manifests.child import short_hash
from frametrace_operator.naming import DERIVED_HASH, RENDERED_HASH, SPEC_HASH, TEMPLATE_HASH
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.structure import difference

__all__ = ["Pending", "held_back", "upgrade_id", "with_its_template"]

_OF_TEMPLATE: Final = (DERIVED_HASH, RENDERED_HASH, SPEC_HASH, TEMPLATE_HASH)


@dataclass(frozen=True, slots=True)
class Pending:
    """Deployments that wait, each with the first field of its pods that would change."""

    id: str
    version: str
    changes: tuple[tuple[str, str], ...]


def held_back(pipeline: Pipeline, platform: Platform, seen: Observation, wanted: Iterable[Child]) -> Pending | None:
    """What must not be written before a person approves it; None if nothing is."""
    this = upgrade_id(platform)
    spec = pipeline.spec
    waits = spec.rollout.upgrades is Upgrades.ON_APPROVAL and spec.mode is PipelineMode.RUNNING
    if not waits or pipeline.annotations.get(APPROVE_UPGRADE) == this:
        return None
    found = ((child.key[2], _change(child, seen.live.get(child.key))) for child in wanted)
    changes = tuple((name, change) for name, change in found if change)
    return Pending(this, platform.operator_version, changes) if changes else None


def with_its_template(child: Child, live: Mapping[str, Any]) -> Child:
    """A Deployment that waits, with the template that it has: all else of it, such as the number of pods, waits for nobody.

    What its template was made of is noted as before, so that it goes on being told as waiting, and is written when it is due.
    """
    was = _notes(live)
    notes = {name: note for name, note in _notes(child.body).items() if name not in _OF_TEMPLATE}
    notes |= {name: was[name] for name in _OF_TEMPLATE if name in was}
    metadata = child.body["metadata"] | {"annotations": notes}
    spec = child.body["spec"] | {"template": live["spec"]["template"]}
    return replace(child, body=child.body | {"metadata": metadata, "spec": spec})


def upgrade_id(platform: Platform) -> str:
    """Name of what this operator would bring: its version, and a hash of the settings that pods are made with."""
    of_no_pod: dict[str, Any] = {
        "has_pod_monitors": False,
        "pod_monitor_labels": (),
        "pod_monitor_interval": "",
        "operator_labels": (),
        "dns_ports": (),
        "network_policies": True,
    }
    settings = repr(replace(platform, **of_no_pod))
    return f"{platform.operator_version[:40]}-{short_hash(settings)[:8]}"


def _change(child: Child, live: Mapping[str, Any] | None) -> str:
    """The first field of the pods that only the operator would change; empty if there is none."""
    if live is None or child.key[1] != "Deployment" or "spec" not in live:
        return ""
    was, now = _notes(live), _notes(child.body)
    asked = was.get(SPEC_HASH, now[SPEC_HASH]) != now[SPEC_HASH]
    asked = asked or derived_anew(was.get(DERIVED_HASH, ""), now[DERIVED_HASH])
    if asked or was.get(TEMPLATE_HASH) == now[TEMPLATE_HASH]:
        return ""
    where = difference(child.body["spec"]["template"], live["spec"].get("template"))
    if where is None:
        return "" if TEMPLATE_HASH not in was else "a field that is no longer set"
    return where


def _notes(body: Mapping[str, Any]) -> Mapping[str, str]:
    return body["metadata"].get("annotations") or {}
