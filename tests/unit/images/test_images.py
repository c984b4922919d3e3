"""Images are named by their content, built by pinned tools, and loaded by the right program."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.images.build_lock import LOCK, build_lock
from scripts.images.catalogue import NAMES, ROOT, Recipe, recipe
from scripts.images.load import command_for


def test_the_pinned_build_tools_are_those_of_the_workspace() -> None:
    assert LOCK.read_text(encoding="utf-8") == build_lock(), "run: python -m scripts.images lock"


def test_every_image_has_its_recipe() -> None:
    recipes = Path(recipe("operator").containerfile).parent.glob("*.Containerfile")

    assert {path.name.removesuffix(".Containerfile") for path in recipes} == set(NAMES)
    with pytest.raises(KeyError, match="no image is named"):
        recipe("toaster")


def test_a_tag_changes_with_recipe_content_and_base(tmp_path: Path) -> None:
    containerfile = tmp_path / "a.Containerfile"
    containerfile.write_text("FROM scratch\n")
    first = Recipe("a", containerfile, tmp_path, "content").tag("base:1")

    tags = {
        first,
        Recipe("a", containerfile, tmp_path, "other").tag("base:1"),
        Recipe("a", containerfile, tmp_path, "content").tag("base:2"),
    }
    containerfile.write_text("FROM scratch\nUSER 1\n")
    tags.add(Recipe("a", containerfile, tmp_path, "content").tag("base:1"))

    assert len(tags) == 4
    assert first.startswith("localhost/frametrace-a:")


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_an_image_is_made_of_sources_only(name: str) -> None:
    text = (ROOT / "scripts" / "images" / f"{name}.Containerfile").read_text(encoding="utf-8")
    final = text.split("FROM ${BASE}\n")[-1]

    assert "USER 65532:65532" in final
    assert "RUN" not in final
    assert "--require-hashes" in text


@pytest.mark.parametrize(
    ("context", "program"),
    [("kind-dev", ["kind", "load", "image-archive", "a.tar", "--name", "dev"]), ("k3d-x", ["k3d", "image", "import", "a.tar", "--cluster", "x"]), ("prod", []), ("kind-", [])],
)  # fmt: skip
def test_a_context_tells_how_its_images_are_loaded(context: str, program: list[str]) -> None:
    assert command_for(context, Path("a.tar")) == program
