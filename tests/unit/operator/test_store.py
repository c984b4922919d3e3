"""The store takes only news, forgets what is gone, and gives back what it was given but for who wrote which field."""

from __future__ import annotations

from typing import Any

from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT
from frametrace_operator.kube.store import Store
from frametrace_operator.naming import INSTANCE

Body = dict[str, Any]
OURS = {INSTANCE: "yard-1"}


def body(version: int, *, name: str = "one", uid: str = "u1", **fields: Any) -> Body:
    metadata = {"namespace": "a", "name": name, "uid": uid, "resourceVersion": str(version), "labels": OURS}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata | {"managedFields": []}, **fields}


def test_what_was_seen_is_given_back_as_a_copy() -> None:
    store = Store()
    assert store.saw(CONFIG_MAP, body(1, data={"a": "ü"}))

    store.find(CONFIG_MAP, "a", OURS)[0]["data"]["a"] = "changed"

    assert store.find(CONFIG_MAP, "a", OURS) == [body(1, data={"a": "ü"})]
    assert store.get(CONFIG_MAP, "a", "one") == body(1, data={"a": "ü"})
    assert store.find(CONFIG_MAP, "a", {INSTANCE: "another"}) == []
    assert store.get(DEPLOYMENT, "a", "one") is None


def test_what_is_older_or_known_is_no_news() -> None:
    store = Store()
    store.saw(CONFIG_MAP, body(10, data={"a": "new"}))

    assert not store.saw(CONFIG_MAP, body(10, data={"a": "new"}))
    assert not store.saw(CONFIG_MAP, body(9, data={"a": "old"}))
    assert store.get(CONFIG_MAP, "a", "one") == body(10, data={"a": "new"})


def test_what_is_gone_stays_gone_when_an_answer_comes_late() -> None:
    store = Store()
    store.saw(CONFIG_MAP, body(5))

    assert store.gone(CONFIG_MAP, body(7))
    assert not store.saw(CONFIG_MAP, body(6))
    assert store.get(CONFIG_MAP, "a", "one") is None
    assert store.saw(CONFIG_MAP, body(8))  # it left our labels, and has them again


def test_the_end_of_a_former_object_of_that_name_is_no_end_of_this_one() -> None:
    store = Store()
    store.saw(CONFIG_MAP, body(9, uid="u2"))

    assert not store.gone(CONFIG_MAP, body(8, uid="u1"))
    assert store.get(CONFIG_MAP, "a", "one") is not None


def test_a_list_ends_what_it_has_not_unless_that_is_newer() -> None:
    store = Store()
    for version, name in ((1, "listed"), (2, "lost"), (9, "newer")):
        store.saw(CONFIG_MAP, body(version, name=name, uid=name))

    lost = store.keep_only(CONFIG_MAP, {("a", "listed")}, 5)

    assert [each["metadata"]["name"] for each in lost] == ["lost"]
    assert [each["metadata"]["name"] for each in store.find(CONFIG_MAP, "a", OURS)] == ["listed", "newer"]


def test_a_list_of_some_namespaces_says_nothing_of_the_others() -> None:
    store = Store()
    store.saw(CONFIG_MAP, body(1))

    assert store.keep_only(CONFIG_MAP, set(), 5, "b") == []
    assert len(store) == 1


def test_of_those_who_wrote_only_names_are_kept_but_for_who_scaled() -> None:
    scaled = {"manager": "hpa", "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    given = body(1)
    given["metadata"]["managedFields"] = [{"manager": "somebody", "fieldsV1": {"f:data": {}}}, scaled]
    store = Store()
    store.saw(CONFIG_MAP, given)

    found = store.find(CONFIG_MAP, "a", OURS)[0]

    assert found["metadata"]["managedFields"] == [{"manager": "somebody"}, scaled]


def test_a_label_that_changes_changes_whose_object_it_is() -> None:
    store = Store()
    store.saw(CONFIG_MAP, body(1))
    moved = body(2)
    moved["metadata"] = moved["metadata"] | {"labels": {INSTANCE: "yard-2"}}
    store.saw(CONFIG_MAP, moved)

    assert store.find(CONFIG_MAP, "a", OURS) == []
    assert len(store.find(CONFIG_MAP, "a", {INSTANCE: "yard-2"})) == 1
