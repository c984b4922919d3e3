"""A release for a registry: names as images have them, and a folder that is emptied only if it is a release's."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.cluster.errors import ClusterError
from scripts.release.registry import checked, in_readme, in_values, reference
from scripts.release.version import ROOT
from scripts.release.whole import emptied

_CHART = ROOT / "charts" / "frametrace"


@pytest.mark.parametrize("registry", ["localhost", "localhost:5000", "registry.example/cams", "ghcr.io/a-b/c_d/e"])
def test_a_registry_is_what_an_images_name_begins_with(registry: str) -> None:
    assert checked(registry) == registry
    assert reference(registry, "operator", "1.2.3") == f"{registry}/frametrace-operator:1.2.3"


@pytest.mark.parametrize(
    "registry", ["", "https://registry.example", "registry.example/", "Registry.example", "a b", "a:b"]
)
def test_what_is_none_is_refused(registry: str) -> None:
    with pytest.raises(ValueError, match="is no registry"):
        checked(registry)


@pytest.mark.parametrize(("name", "of"), [("values.yaml", in_values), ("README.md", in_readme)])
def test_the_charts_own_words_are_changed_in_one_place(name: str, of: object) -> None:
    text = (_CHART / name).read_text(encoding="utf-8")

    assert callable(of)
    changed = of(text, "registry.example")

    assert changed.replace("registry.example", "localhost") == text.replace("registry.example", "localhost")
    assert changed != text
    with pytest.raises(LookupError):
        of("nothing of it", "registry.example")


def test_a_folder_that_is_no_releases_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear", encoding="utf-8")

    with pytest.raises(ClusterError, match="it is no release's"):
        emptied(tmp_path)

    assert (tmp_path / "letters").exists()


def test_a_release_that_failed_on_its_way_is_emptied_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    emptied(folder)
    (folder / "a.whl").touch()

    emptied(folder)

    assert not (folder / "a.whl").exists()
