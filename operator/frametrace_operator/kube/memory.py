"""A cluster in memory: server-side apply, UIDs, generations, owner references. Refuses what an API server would refuse.

It ships for tests and for trying the operator without a cluster. No pod ever runs in it: `put` says what others did.
"""

import base64
import copy
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from frametrace_operator.errors import ActionNeededError, GoneError, OperatorError
from frametrace_operator.kube.base import FIELD_MANAGER, STATUS_MANAGER, Object
from frametrace_operator.kube.kinds import KINDS, SECRET, Kind, kind_of
from frametrace_operator.kube.server_side import admitted, patched
from frametrace_operator.structure import merge, still_owned

__all__ = ["MemoryKube"]

_Key = tuple[Kind, str, str]
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_LABEL_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_WITHOUT_GENERATION: Final = ("metadata", "status")


class MemoryKube:
    """A `Kube` of plain dictionaries. `writes` lists every request that changed something, as "verb kind name"."""

    def __init__(self, kinds: Iterable[Kind] = tuple(KINDS.values())) -> None:
        self.writes: list[str] = []
        self._kinds = frozenset(kinds)
        self._objects: dict[_Key, Object] = {}
        self._applied: dict[_Key, Object] = {}
        self._failures: list[OperatorError] = []
        self._count = 0

    async def serves(self, kind: Kind) -> bool:
        """Whether the cluster knows this kind."""
        return kind in self._kinds

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None if there is none."""
        self._answer(kind)
        return copy.deepcopy(self._objects.get((kind, namespace, name)))

    async def head(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object's metadata, or None if there is none."""
        self._answer(kind)
        body = self._objects.get((kind, namespace, name))
        return None if body is None else {"metadata": copy.deepcopy(body["metadata"])}

    async def secret_keys(self, namespace: str, name: str) -> frozenset[str] | None:
        """The names of a Secret's keys, or None if there is no such Secret."""
        self._answer(SECRET)
        body = self._objects.get((SECRET, namespace, name))
        return None if body is None else frozenset({**body.get("data", {}), **body.get("stringData", {})})

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        """The value of one key of a Secret; None if there is none."""
        self._answer(SECRET)
        body = self._objects.get((SECRET, namespace, name), {})
        coded = {each: _text(value) for each, value in body.get("data", {}).items()}
        return {**coded, **body.get("stringData", {})}.get(key)

    async def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """The objects with all these labels; an empty namespace means all namespaces."""
        self._answer(kind)
        return [
            copy.deepcopy(body)
            for (known, space, _), body in sorted(self._objects.items(), key=lambda item: item[0][1:])
            if known == kind and namespace in ("", space) and labels.items() <= _labels(body).items()
        ]

    async def apply(self, body: Object) -> Object:
        """Server-side apply as the operator's field manager."""
        key = self._accept(body)
        live = self._objects.get(key)
        result = merge(copy.deepcopy(live or {}), copy.deepcopy(body), self._applied.get(key, {}))
        result["metadata"]["managedFields"] = _managed(live, FIELD_MANAGER)
        self._store(key, result, f"apply {key[0].kind} {key[2]}")
        self._applied[key] = copy.deepcopy(body)
        return copy.deepcopy(self._objects[key])

    async def create(self, body: Object) -> bool:
        """Create the object; False if there is one of that name already."""
        key = self._accept(body)
        if key in self._objects:
            return False
        self._store(key, copy.deepcopy(body), f"create {key[0].kind} {key[2]}")
        return True

    async def delete(self, kind: Kind, namespace: str, name: str, *, uid: str) -> None:
        """Delete the object with this UID and, as the garbage collector does, all that it owns."""
        self._answer(kind)
        body = self._objects.get((kind, namespace, name))
        if body is not None and body["metadata"]["uid"] == uid:
            self.writes.append(f"delete {kind.kind} {name}")
            self.remove(kind, namespace, name)

    async def replace_status(self, kind: Kind, namespace: str, name: str, *, uid: str, status: Object) -> Object:
        """Make this the status of the object with this UID."""
        self._answer(kind)
        key = (kind, namespace, name)
        live = self._objects.get(key)
        if live is None or live["metadata"]["uid"] != uid:
            raise GoneError(f"{kind.kind} {namespace}/{name} is gone")
        managed = _managed(live, STATUS_MANAGER)
        body = live | {"status": copy.deepcopy(status), "metadata": live["metadata"] | {"managedFields": managed}}
        self._store(key, body, f"status {kind.kind} {name}")
        return copy.deepcopy(self._objects[key])

    async def patch(self, kind: Kind, namespace: str, name: str, *, uid: str, change: Object) -> Object | None:
        """JSON merge patch of the object with this UID; None if it is gone."""
        return self._patch((kind, namespace, name), uid, change, "patch")

    async def annotate(
        self, kind: Kind, namespace: str, name: str, *, uid: str, annotations: Mapping[str, str]
    ) -> Object | None:
        """Set these annotations of the object with this UID; None if it is gone."""
        change = {"metadata": {"annotations": dict(annotations)}}
        return self._patch((kind, namespace, name), uid, change, "annotate")

    async def record(self, event: Object) -> None:
        """Write an Event."""
        key = self._accept(event)
        self._store(key, copy.deepcopy(event), f"event {event['reason']}")

    # What others do to the cluster.

    def put(self, body: Object) -> Object:
        """Create or replace an object as somebody else, without counting it as a write of the operator's."""
        key = self._accept(body)
        self._store(key, copy.deepcopy(body), "")
        return copy.deepcopy(self._objects[key])

    def edit(self, kind: Kind, namespace: str, name: str, change: Callable[[Object], Any]) -> None:
        """Let somebody else change a live object in place."""
        body = copy.deepcopy(self._objects[kind, namespace, name])
        change(body)
        key = (kind, namespace, name)
        self._store(key, body, "")
        if key in self._applied:
            self._applied[key] = still_owned(self._applied[key], body)

    def remove(self, kind: Kind, namespace: str, name: str) -> None:
        """Let an object and all that it owns go."""
        key = (kind, namespace, name)
        uid = self._objects.pop(key)["metadata"]["uid"]
        self._applied.pop(key, None)
        for dependent in [other for other, body in self._objects.items() if uid in _owners(body)]:
            if dependent in self._objects:
                self.remove(*dependent)

    def fail_next(self, *errors: OperatorError) -> None:
        """Let the next requests fail with these errors, in order."""
        self._failures.extend(errors)

    def objects(self, kind: Kind) -> list[Object]:
        """All objects of a kind."""
        return [copy.deepcopy(body) for key, body in self._objects.items() if key[0] == kind]

    def _answer(self, kind: Kind) -> None:
        if self._failures:
            raise self._failures.pop(0)
        if kind not in self._kinds:
            raise ActionNeededError("ApplyRefused", f"the server knows no {kind.kind} in {kind.api_version}")

    def _accept(self, body: Object) -> _Key:
        """The object's key, if an API server would take it."""
        try:
            kind = kind_of(body)
        except KeyError as error:
            raise ActionNeededError("ApplyRefused", f"no such kind: {error}") from None
        self._answer(kind)
        metadata = body.get("metadata", {})
        name, namespace = metadata.get("name", ""), metadata.get("namespace", "")
        if not namespace or not _NAME.fullmatch(name):
            raise ActionNeededError(
                "ApplyRefused", f"{kind.kind} {namespace}/{name}: a name and a namespace are required"
            )
        for label, value in _labels(body).items():
            if not _LABEL_VALUE.fullmatch(str(value)):
                raise ActionNeededError("ApplyRefused", f"{kind.kind} {name}: metadata.labels: {label} is not valid")
        return kind, namespace, name

    def _patch(self, key: _Key, uid: str, change: Object, verb: str) -> Object | None:
        self._answer(key[0])
        live = self._objects.get(key)
        if live is None or live["metadata"]["uid"] != uid:
            return None
        self._store(key, patched(copy.deepcopy(live), copy.deepcopy(change)), f"{verb} {key[0].kind} {key[2]}")
        return copy.deepcopy(self._objects[key])

    def _store(self, key: _Key, body: Object, write: str) -> None:
        """Keep the object, with the server's own fields; an apply that changes nothing leaves it as it is."""
        body = admitted(key[0], body)
        live = self._objects.get(key)
        made = live["metadata"]["creationTimestamp"] if live else _moment(self._count)
        metadata = body["metadata"] = {"creationTimestamp": made, **body["metadata"]}
        if live is not None and _content(live) == _content(body):
            return
        self._count += 1
        metadata["resourceVersion"] = str(self._count)
        metadata["uid"] = live["metadata"]["uid"] if live else metadata.get("uid", f"uid-{self._count}")
        metadata["generation"] = _generation(live, body)
        self._objects[key] = body
        if write:
            self.writes.append(write)


def _moment(number: int) -> str:
    """A time for what was made as the so manieth: later for later ones."""
    return f"{datetime.fromtimestamp(number, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _text(coded: str) -> str | None:
    try:
        return base64.b64decode(coded, validate=True).decode()
    except ValueError:
        return None


def _labels(body: Object) -> dict[str, str]:
    labels: dict[str, str] | None = body.get("metadata", {}).get("labels")
    return labels or {}


def _owners(body: Object) -> set[str]:
    return {owner["uid"] for owner in body["metadata"].get("ownerReferences", ())}


def _content(body: Object) -> Object:
    server = ("resourceVersion", "uid", "generation", "managedFields")
    return body | {"metadata": {key: value for key, value in body["metadata"].items() if key not in server}}


def _managed(live: Object | None, manager: str) -> list[Object]:
    others = [
        entry for entry in (live or {}).get("metadata", {}).get("managedFields", []) if entry["manager"] != manager
    ]
    return [*others, {"manager": manager, "operation": "Apply"}]


def _generation(live: Object | None, body: Object) -> int:
    if live is None:
        return int(body["metadata"].get("generation", 1))
    changed = any(live.get(key) != body.get(key) for key in {*live, *body} - set(_WITHOUT_GENERATION))
    return int(live["metadata"]["generation"]) + changed
