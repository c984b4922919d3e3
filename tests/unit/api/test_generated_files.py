"""What is generated from the models is what stands in the repository."""

from pathlib import Path

import pytest
import yaml
from frametrace_api.crd import crd_document, crd_yaml, generated_files, main


@pytest.mark.parametrize("path", generated_files(), ids=lambda path: path.name)
def test_file_is_what_the_models_say(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated_files()[path]


def test_check_passes_on_the_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_check_names_the_difference_of_a_drifted_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drifted = tmp_path / "crd.yaml"
    drifted.write_text(crd_yaml().replace("Namespaced", "Cluster"), encoding="utf-8")

    assert main(["--check", "--output", str(drifted)]) == 1
    assert "+  scope: Namespaced" in capsys.readouterr().out


def test_output_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "made" / "crd.yaml"

    assert main(["--output", str(target)]) == 0
    assert yaml.safe_load(target.read_text(encoding="utf-8")) == crd_document()


def test_generation_is_deterministic() -> None:
    assert crd_yaml() == crd_yaml()
