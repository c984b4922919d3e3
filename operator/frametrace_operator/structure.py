"""Kubernetes objects as server-side apply sees them: which lists are merged by a key, which parts are one value. Pure.

`difference` says whether a live object still has every field that was applied; fields of others do not count. `merge`
does what the API server does with an applied object, for the fake cluster.
"""

from collections.abc import Mapping
from typing import Any, Final

from frametrace_operator.quantities import quantity

__all__ = ["difference", "list_key", "merge", "still_owned"]

_KEYED: Final[dict[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
    "ownerReferences": ("uid",),
    "conditions": ("type",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
_PORTS: Final = {
    "containers": ("containerPort", "protocol"),
    "initContainers": ("containerPort", "protocol"),
    "spec": ("port", "protocol"),
}
_ONE_VALUE: Final = frozenset({"selector", "podSelector", "namespaceSelector", "labelSelector", "nodeSelector"})
_QUANTITIES: Final = frozenset({"limits", "requests", "sizeLimit", "storage"})
_OWN_KEYS: Final = frozenset({"annotations", "data", "labels", "matchLabels", "nodeSelector"})
"""Maps whose keys are free: the API server keeps a key with an empty value."""
_ALL_OF_THEM: Final = frozenset({"labelSelector", "namespaceSelector", "podSelector"})
"""Selectors that choose everything when they are empty, and something else when they are left out."""
_DEFAULTS: Final = {"protocol": "TCP"}

Path = tuple[str, ...]


def list_key(path: Path) -> tuple[str, ...]:
    """The fields that identify an element of the list at this path; empty if the list is one value."""
    name = path[-1] if path else ""
    if name == "ports":
        return _PORTS.get(path[-2] if len(path) > 1 else "", ())
    return _KEYED.get(name, ())


def difference(desired: Any, live: Any, path: Path = ()) -> str | None:
    """Where the live object lacks what was applied, as a path for people; None if it has it all.

    An empty value equals one that is left out, where the API server leaves it out. It keeps false and 0: what a manifest
    says of these is a pointer in Kubernetes' types, and its absence means something else, such as a token in every pod.
    Quantities are compared by what they stand for.
    """
    if _left_out(desired, path) and _left_out(live, path):
        return None
    if isinstance(desired, dict) and isinstance(live, dict):
        return _map_difference(desired, live, path)
    if isinstance(desired, list) and isinstance(live, list):
        return _list_difference(desired, live, path)
    return None if _same(desired, live, path) else ".".join(path)


def _map_difference(desired: Mapping[str, Any], live: Mapping[str, Any], path: Path) -> str | None:
    if _one_value(path) and set(live) - set(desired):
        return ".".join(path)
    for key, value in desired.items():
        found = difference(value, live.get(key), (*path, str(key)))
        if found is not None:
            return found
    return None


def _list_difference(desired: list[Any], live: list[Any], path: Path) -> str | None:
    keys = list_key(path)
    if keys:
        known: dict[tuple[Any, ...], list[Any]] = {}
        for item in live:
            known.setdefault(_identity(item, keys), []).append(item)
        queues = {identity: iter(items) for identity, items in known.items()}  # of equal keys, each element once
        pairs = [(item, next(queues.get(_identity(item, keys), iter(())), None)) for item in desired]
    elif len(desired) != len(live):
        return ".".join(path)
    else:
        pairs = list(zip(desired, live, strict=True))
    for wanted, found in pairs:
        where = difference(wanted, found, path)
        if where is not None:
            return where
    return None


def _same(desired: Any, live: Any, path: Path) -> bool:
    if desired == live and isinstance(desired, bool) == isinstance(live, bool):
        return True
    if _QUANTITIES.isdisjoint(path[-2:]):
        return False
    number = quantity(desired)
    return number is not None and number == quantity(live)


def _left_out(value: Any, path: Path) -> bool:
    """Whether the API server would leave the value out of what it returns."""
    if isinstance(value, dict):
        chosen = path[-1:] and path[-1] in _ALL_OF_THEM
        return not chosen and all(_left_out(inner, (*path, str(key))) for key, inner in value.items())
    if isinstance(value, str):
        return not value and _OWN_KEYS.isdisjoint(path[-2:-1])
    return value is None or value == []


def _one_value(path: Path) -> bool:
    return not _ONE_VALUE.isdisjoint(path[-2:])


def _identity(item: Any, keys: tuple[str, ...]) -> tuple[Any, ...]:
    # As text: what stands there need not be hashable.
    return tuple(repr(item.get(key, _DEFAULTS.get(key))) for key in keys) if isinstance(item, dict) else (repr(item),)


def merge(live: Any, applied: Any, before: Any, path: Path = ()) -> Any:
    """The live value after an apply: `applied` laid over it, without what only `before` (the last apply) had."""
    if isinstance(applied, dict) and isinstance(live, dict) and not _one_value(path):
        return _merge_maps(live, applied, before if isinstance(before, dict) else {}, path)
    if isinstance(applied, list) and isinstance(live, list) and list_key(path):
        return _merge_lists(live, applied, before if isinstance(before, list) else [], path)
    return applied


def still_owned(applied: Any, live: Any) -> Any:
    """What remains of an applied object's fields after another wrote `live`: a changed value is the other's field."""
    if not isinstance(applied, dict) or not isinstance(live, dict):
        return applied
    kept = {key: value for key, value in applied.items() if isinstance(value, dict | list) or live.get(key) == value}
    return {key: still_owned(value, live.get(key)) for key, value in kept.items()}


def _merge_maps(live: dict[str, Any], applied: dict[str, Any], before: dict[str, Any], path: Path) -> dict[str, Any]:
    kept = {key: value for key, value in live.items() if key in applied or key not in before}
    return kept | {key: merge(live.get(key), value, before.get(key), (*path, key)) for key, value in applied.items()}


def _merge_lists(live: list[Any], applied: list[Any], before: list[Any], path: Path) -> list[Any]:
    keys = list_key(path)
    was = {_identity(item, keys): item for item in before}
    has = {_identity(item, keys): item for item in live}
    wanted = {_identity(item, keys) for item in applied}
    kept = [item for identity, item in has.items() if identity not in was and identity not in wanted]
    return [
        merge(has.get(_identity(item, keys)), item, was.get(_identity(item, keys)), path) for item in applied
    ] + kept
