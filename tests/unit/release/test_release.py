"""One version everywhere, checksums that sha256sum takes, and files which the repository's own lists agree with."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from scripts.release.artifacts import DISTRIBUTIONS, write_sums
from scripts.release.version import ROOT, current, stamped


def test_every_file_says_the_version_of_the_workspace() -> None:
    wrong = [str(path) for path, text in stamped().items() if path.read_text(encoding="utf-8") != text]

    assert wrong == [], "run: python -m scripts.release.version"


def test_distributions_and_chart_have_the_version_and_ask_for_one_another_by_it() -> None:
    version = current()
    projects = [tomllib.loads((ROOT / name / "pyproject.toml").read_text(encoding="utf-8")) for name in DISTRIBUTIONS]
    chart = yaml.safe_load((ROOT / "charts/frametrace/Chart.yaml").read_text(encoding="utf-8"))

    assert {project["project"]["version"] for project in projects} == {version}
    assert chart["version"] == chart["appVersion"] == version
    needed = {name for name in projects[2]["project"]["dependencies"] if name.startswith("frametrace")}
    assert needed == {f"frametrace=={version}", f"frametrace-api=={version}"}


def _root(folder: Path, version: str) -> Path:
    for path in stamped():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', encoding="utf-8")
    return folder


def test_another_version_changes_every_place_and_nothing_else(tmp_path: Path) -> None:
    old = current()
    texts = stamped(_root(tmp_path, "9.8.7-rc.6"))

    for path, text in texts.items():
        assert text.replace("9.8.7-rc.6", old) == path.read_text(encoding="utf-8")
        assert "9.8.7-rc.6" in text


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3.dev4", "01.2.3"])
def test_what_is_no_version_is_refused(version: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no version of the form"):
        current(_root(tmp_path, version))


def test_a_file_that_says_no_version_any_more_is_named(tmp_path: Path) -> None:
    root = _root(tmp_path, "1.2.3")
    (root / "crds/pyproject.toml").write_text("[project]\n", encoding="utf-8")

    with pytest.raises(LookupError, match=r"crds/pyproject\.toml"):
        stamped(root)


def test_checksums_are_taken_by_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"a")
    (tmp_path / "b.tgz").write_bytes(b"b")

    sums = write_sums(tmp_path)

    done = subprocess.run(
        ["sha256sum", "--check", sums.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["a.whl: OK", "b.tgz: OK"]
    assert write_sums(tmp_path).read_text(encoding="utf-8").count("\n") == 2
