"""The cache is named by hashes of pins: a change of one module's pins moves that module's binaries, and no other's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.cluster import build, pins
from scripts.cluster.digests import digest_of, digest_of_file
from scripts.cluster.paths import Layout, cache_root


@pytest.mark.parametrize("changed", [0, 1, 2, 3])
def test_each_pin_of_a_module_is_in_its_key(changed: int) -> None:
    parts = ["module x", "sum", "-s -w", "x86_64"]
    other = [part + "!" if index == changed else part for index, part in enumerate(parts)]

    assert build.module_key(*parts) != build.module_key(*other)
    assert build.module_key(*parts) == build.module_key(*parts)


def test_where_one_part_ends_matters() -> None:
    assert digest_of(["ab", "c"]) != digest_of(["a", "bc"])
    assert digest_of(["text"]) == digest_of([b"text"])


def test_a_file_is_named_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"same")
    (tmp_path / "b").write_bytes(b"same")

    assert digest_of_file(tmp_path / "a") == digest_of_file(tmp_path / "b")


def test_binaries_of_one_module_share_a_folder_and_those_of_another_do_not() -> None:
    assert build.binary("kubelet").parent == build.binary("kubectl").parent
    assert build.binary("kubelet").parent != build.binary("etcd").parent


def test_every_module_has_its_pins_beside_it() -> None:
    for module in pins.MODULES:
        for command in module.commands:
            assert build.binary(command).name == command


def test_what_a_program_needs_beside_it_is_in_its_folder_and_in_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.binary("argocd")
    assert build.binary("git-verify-wrapper.sh").parent == before.parent

    argocd = pins.module_of("argocd")
    other = tuple(replace(one, files={}) if one is argocd else one for one in pins.MODULES)
    monkeypatch.setattr(pins, "MODULES", other)
    assert build.binary("argocd") != before


def test_what_is_built_on_demand_is_missed_by_those_who_ask_for_it_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert "argocd" not in build.missing_binaries()
    assert {"argocd", "git-verify-wrapper.sh"} <= set(build.missing_binaries("argocd"))
    assert "kwok" not in build.missing_binaries("argocd")


def test_an_unknown_command_has_no_binary() -> None:
    with pytest.raises(KeyError):
        build.binary("no-such-command")


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("go version go1.27rc1 linux/amd64", (1, 27)),
        ("go version devel +abc", None),
        ("", None),
    ],
)
def test_go_says_its_version(said: str, version: tuple[int, int] | None) -> None:
    assert build.parse_go_version(said) == version


def test_the_cache_and_the_state_follow_the_users_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    assert build.binary("etcd").is_relative_to(tmp_path / "cache" / "frametrace" / "bin")
    assert cache_root() == tmp_path / "cache" / "frametrace"
    assert Layout.of_user().root == tmp_path / "state" / "frametrace" / "cluster"


def test_ports_are_different_and_not_the_defaults() -> None:
    defaults = {2379, 2380, 6443, 10248, 10249, 10250, 10256, 10257, 10259}

    assert len(set(pins.PORTS.values())) == len(pins.PORTS)
    assert not defaults & set(pins.PORTS.values())
