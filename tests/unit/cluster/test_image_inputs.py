"""An image is built again when, and only when, what goes into it has changed."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from scripts.cluster.buildah import planned_archive
from scripts.cluster.containerd import ArchivedImage, read_archive
from scripts.cluster.context import IgnoreRules, context_digest, ignore_file
from scripts.cluster.errors import ClusterError


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "src/deep").mkdir(parents=True)
    (folder / "src/deep/a.py").write_text("a")
    (folder / "notes.md").write_text("n")
    (folder / "Containerfile").write_text("FROM scratch\n")
    return folder


@pytest.mark.parametrize(
    ("rules", "path", "ignored"),
    [
        ("", "a", False),
        ("*.md", "notes.md", True),
        ("*.md", "src/notes.md", False),
        ("**/*.md", "src/deep/notes.md", True),
        ("**/__pycache__", "a/__pycache__/x.pyc", True),
        ("src", "src/deep/a.py", True),
        ("/src/", "src/a", True),
        ("src", "srcs/a", False),
        ("*\n!src", "src/deep/a.py", False),
        ("*\n!src\nsrc/deep", "src/deep/a.py", True),
        ("# all\n\n*", "x", True),
        ("a?c.[ch]", "abc.h", True),
        ("a.c", "abc", False),
    ],
)
def test_ignore_rules(rules: str, path: str, ignored: bool) -> None:  # noqa: FBT001 - a table's column
    assert IgnoreRules(rules).ignores(path) is ignored


def test_folders_are_passed_over_only_when_nothing_in_them_can_come_back() -> None:
    assert IgnoreRules("src").prunes("src")
    assert not IgnoreRules("*\n!src/a").prunes("src")


def test_the_recipes_own_ignore_file_comes_first(context: Path) -> None:
    recipe = context / "Containerfile"
    assert ignore_file(recipe, context) is None
    (context / ".dockerignore").write_text("")
    assert ignore_file(recipe, context) == context / ".dockerignore"
    (context / "Containerfile.containerignore").write_text("")
    assert ignore_file(recipe, context) == context / "Containerfile.containerignore"


def test_content_and_names_count_and_times_do_not(context: Path) -> None:
    before = context_digest(context, None)
    (context / "notes.md").touch()
    assert context_digest(context, None) == before

    (context / "src/deep/a.py").rename(context / "src/deep/b.py")
    renamed = context_digest(context, None)
    (context / "src/deep/b.py").write_text("b")
    assert len({before, renamed, context_digest(context, None)}) == 3


def test_what_is_ignored_does_not_count(context: Path, tmp_path: Path) -> None:
    ignored = tmp_path / "ignored"
    ignored.write_text("*.md\n")
    before = context_digest(context, ignored)
    (context / "notes.md").write_text("changed")

    assert context_digest(context, ignored) == before


def test_links_count_by_their_target_even_when_dangling(context: Path) -> None:
    (context / "link").symlink_to("nowhere")
    before = context_digest(context, None)
    (context / "link").unlink()
    (context / "link").symlink_to("elsewhere")

    assert context_digest(context, None) != before


def test_recipe_arguments_and_tag_are_in_the_archives_name(context: Path) -> None:
    recipe = context / "Containerfile"
    plans = {
        planned_archive(recipe, context, "localhost/a:1"),
        planned_archive(recipe, context, "localhost/a:2"),
        planned_archive(recipe, context, "localhost/a:1", {"BASE": "x"}),
        planned_archive(recipe, context, "localhost/a:1", {"BASE": "y"}),
    }
    recipe.write_text("FROM scratch\nUSER 1\n")

    assert len(plans | {planned_archive(recipe, context, "localhost/a:1")}) == 5


def _archive(path: Path, index: object) -> Path:
    data = json.dumps(index).encode()
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo("index.json")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return path


def test_an_archive_says_which_image_it_holds(tmp_path: Path) -> None:
    manifest = {"digest": "sha256:1", "annotations": {"org.opencontainers.image.ref.name": "localhost/a:1"}}

    assert read_archive(_archive(tmp_path / "a.tar", {"manifests": [manifest]})) == ArchivedImage(
        "localhost/a:1", "sha256:1"
    )


@pytest.mark.parametrize(
    "index", [{}, {"manifests": []}, {"manifests": [{"digest": "sha256:1"}]}, {"manifests": [{}, {}]}]
)
def test_another_archive_is_refused_by_name(index: object, tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"a\.tar is no OCI archive with one named image"):
        read_archive(_archive(tmp_path / "a.tar", index))


def test_what_is_no_archive_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_text("text")

    with pytest.raises(ClusterError, match=r"a\.tar is no OCI archive"):
        read_archive(tmp_path / "a.tar")
