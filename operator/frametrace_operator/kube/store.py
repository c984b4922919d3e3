"""The store: objects as watches and our own writes last showed them, packed small. Pure but for its memory.

An object is taken only if it is newer than what is known of it, so whoever is late does no harm: versions of one kind
of object rise. Must not know where objects come from, nor what they are for.
"""

import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json, to_json

from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import Kind
from frametrace_operator.naming import INSTANCE

__all__ = ["Store"]

_FASTEST: Final = 1
_MOST_GONE: Final = 4096
_Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    version: int
    uid: str
    instance: str
    packed: bytes


class Store:
    """Objects by kind, namespace and name; those of one pipeline are found by its label `INSTANCE`."""

    def __init__(self) -> None:
        self._entries: defaultdict[Kind, dict[_Name, _Entry]] = defaultdict(dict)
        self._members: defaultdict[tuple[Kind, str, str], set[str]] = defaultdict(set)
        self._gone: OrderedDict[str, int] = OrderedDict()

    def saw(self, kind: Kind, body: Object) -> bool:
        """An object is so; returns whether that was news."""
        name, uid, version = _name(body), str(body["metadata"]["uid"]), _version(body)
        known = self._entries[kind].get(name)
        if version <= max(self._gone.get(uid, -1), known.version if known is not None else -1):
            return False
        self._forget(kind, name)
        instance = (body["metadata"].get("labels") or {}).get(INSTANCE, "")
        self._entries[kind][name] = _Entry(version, uid, instance, _pack(body))
        self._members[kind, name[0], instance].add(name[1])
        return True

    def gone(self, kind: Kind, body: Object) -> bool:
        """An object is there no more, or has our labels no more; returns whether that was news."""
        name, uid, version = _name(body), str(body["metadata"]["uid"]), _version(body)
        self._gone[uid] = version  # the answer to a write of ours may arrive after the word that the object is gone
        while len(self._gone) > _MOST_GONE:
            self._gone.popitem(last=False)
        known = self._entries[kind].get(name)
        if known is None or known.uid != uid or known.version > version:
            return False
        self._forget(kind, name)
        return True

    def deleted(self, kind: Kind, namespace: str, name: str, uid: str) -> None:
        """The object with this UID is there no more, as the answer to a write said. Another one of its name stays."""
        known = self._entries[kind].get((namespace, name))
        if known is not None and known.uid == uid:
            self._forget(kind, (namespace, name))

    def keep_only(self, kind: Kind, names: AbstractSet[_Name], version: int, namespace: str = "") -> list[Object]:
        """A list of all objects, as of this version, has only these: return those that are gone.

        Objects that are newer than the list stay. With a namespace, the list was of that alone.
        """
        lost = [
            name
            for name, entry in self._entries[kind].items()
            if name not in names and entry.version <= version and namespace in ("", name[0])
        ]
        found = [_unpack(kind, self._entries[kind][name].packed) for name in lost]
        for name in lost:
            self._forget(kind, name)
        return found

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """A copy of the object, the caller's to keep; None if it is not known."""
        entry = self._entries[kind].get((namespace, name))
        return None if entry is None else _unpack(kind, entry.packed)

    def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """Copies of the objects of a pipeline: `labels` has its `INSTANCE`."""
        members = self._members.get((kind, namespace, labels[INSTANCE]), ())
        bodies = [_unpack(kind, self._entries[kind][namespace, name].packed) for name in sorted(members)]
        return [body for body in bodies if labels.items() <= body["metadata"]["labels"].items()]

    def __len__(self) -> int:
        """How many objects are known."""
        return sum(map(len, self._entries.values()))

    def _forget(self, kind: Kind, name: _Name) -> None:
        known = self._entries[kind].pop(name, None)
        if known is None:
            return
        members = self._members[kind, name[0], known.instance]
        members.discard(name[1])
        if not members:
            del self._members[kind, name[0], known.instance]


def _name(body: Object) -> _Name:
    return body["metadata"]["namespace"], body["metadata"]["name"]


def _version(body: Object) -> int:
    return int(body["metadata"]["resourceVersion"])


def _pack(body: Object) -> bytes:
    metadata = body["metadata"] | {"managedFields": list(_managers(body))}
    plain = {key: value for key, value in body.items() if key not in ("apiVersion", "kind")} | {"metadata": metadata}
    return zlib.compress(to_json(plain), _FASTEST)


def _managers(body: Object) -> Iterator[Object]:
    """Who wrote; and which fields only where an object was scaled. The rest of it is as large as the object itself."""
    for entry in body["metadata"].get("managedFields") or ():
        yield entry if entry.get("subresource") == "scale" else {"manager": entry.get("manager")}


def _unpack(kind: Kind, packed: bytes) -> Object:
    return {"apiVersion": kind.api_version, "kind": kind.kind, **from_json(zlib.decompress(packed))}
