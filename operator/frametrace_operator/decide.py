"""Decide: from what was seen and what should be, the writes that bring the one to the other. Pure.

Level-triggered: the plan depends on states, never on what changed. After its writes the next plan has none.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from frametrace_operator.guard.acting.live_switch import telling
from frametrace_operator.guard.reporting.kept_reports import is_report, surplus_reports
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT
from frametrace_operator.manifests import RENDERED_HASH, Child, ChildKey
from frametrace_operator.manifests.child import short_hash
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation
from frametrace_operator.ownership import conflicts, is_controlled_by
from frametrace_operator.passwords import marked
from frametrace_operator.plan import DRIFTED, Plan
from frametrace_operator.quantities import quantity
from frametrace_operator.scaling import with_their_replicas
from frametrace_operator.structure import difference
from frametrace_operator.upgrade import Pending, with_its_template

__all__ = ["decide"]

_NONE: Final[Mapping[ChildKey, str]] = {}


def decide(
    observation: Observation,
    wanted: tuple[Child, ...],
    pending: Pending | None = None,
    resting: Mapping[ChildKey, str] = _NONE,
) -> Plan:
    """The plan that makes the wanted children of this pipeline be there, and no others.

    Pods of `pending` ones wait, and so do children whose manifest, of the hash in `resting`, was applied again and again.
    """
    live = observation.live
    against = conflicts(observation, wanted)
    blocked = {conflict.child.key for conflict in against}
    waiting = {name for name, _ in pending.changes} if pending else set()
    held = (_held(child, waiting, live) for child in wanted if child.key not in blocked)
    free = [child for child in held if child is not None]
    apply, rests = _apply(free, live, resting)
    return Plan(
        create=tuple(
            marked(child, live) for child in free if child.create_only and not child.kept and child.key not in live
        ),
        grow=tuple(child for child in free if not child.kept and _grows(child, live.get(child.key))),
        apply=apply,
        unroll=tuple(_unroll((child for child, _ in apply), live)),
        resting=rests,
        delete=tuple(_leftovers(observation, {child.key for child in wanted})),
        conflicts=against,
        pending=pending,
        telling=telling(observation, free, written=any(child.role == Role.LIVE for child, _ in apply)),
    )


def _held(child: Child, names: set[str], live: Mapping[ChildKey, Object]) -> Child | None:
    """The child; of a Deployment that waits all but its pods; of its own ConfigMap, such as Jaeger's, nothing.

    Its pods would read the ConfigMap at their next restart.
    """
    if child.key[2] not in names or child.key not in live or child.key[1] not in (DEPLOYMENT.kind, CONFIG_MAP.kind):
        return child
    return with_its_template(child, live[child.key]) if child.key[1] == DEPLOYMENT.kind else None


def _apply(
    free: Iterable[Child], live: Mapping[ChildKey, Object], resting: Mapping[ChildKey, str]
) -> tuple[tuple[tuple[Child, str], ...], tuple[ChildKey, ...]]:
    """What is to be applied, each with the reason, and what would be if its turn had come. What is not there never waits."""
    scaled = [with_their_replicas(child, live.get(child.key)) for child in free if not child.create_only]
    reasons = ((child, _reason(child, live.get(child.key))) for child in scaled)
    needed = [(child, reason) for child, reason in reasons if reason is not None]
    there = [child for child, _ in needed if child.key in live]
    rests = {child.key for child in there if child.key in resting and short_hash(child.body) == resting[child.key]}
    return tuple(each for each in needed if each[0].key not in rests), tuple(sorted(rests))


def _unroll(applied: Iterable[Child], live: Mapping[ChildKey, Object]) -> Iterator[tuple[ChildKey, str]]:
    """Deployments to recreate that somebody lets roll: a server's apply leaves the defaults of that, and refuses them."""
    for child in applied:
        found = live.get(child.key, {})
        if _strategy(child.body).get("type") == "Recreate" and "rollingUpdate" in _strategy(found):
            yield child.key, str(found["metadata"]["uid"])


def _strategy(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return (body.get("spec") or {}).get("strategy") or {}


def _reason(child: Child, live: Mapping[str, Any] | None) -> str | None:
    """Why the child has to be applied, or None if the live object is as it should be."""
    if live is None:
        return "missing"
    if _hash(live) != _hash(child.body):
        return "changed"
    drift = difference(child.body, live)
    return f"{DRIFTED} {drift}" if drift is not None else None


def _grows(child: Child, live: Mapping[str, Any] | None) -> bool:
    """Whether the child is a volume that is to be larger than it is; none can ever shrink."""
    wanted, has = (quantity(_storage(body)) for body in (child.body, live or {}))
    return wanted is not None and has is not None and wanted > has


def _storage(body: Mapping[str, Any]) -> object:
    spec = body.get("spec") or {}
    return ((spec.get("resources") or {}).get("requests") or {}).get("storage")


def _hash(body: Mapping[str, Any]) -> str:
    return str((body["metadata"].get("annotations") or {}).get(RENDERED_HASH, ""))


def _leftovers(observation: Observation, wanted: set[ChildKey]) -> list[tuple[ChildKey, str]]:
    """What is not wanted any more. Reports of earlier rollbacks are kept for people, as many as the newest few."""
    surplus = set(surplus_reports(observation))
    return [
        (key, str(body["metadata"]["uid"]))
        for key, body in observation.live.items()
        if key not in wanted
        and (not is_report(body) or key in surplus)
        and is_controlled_by(body, observation.uid)
        and "deletionTimestamp" not in body["metadata"]
    ]
