"""The wheels of the three distributions, each in a clean environment with what it asks for, tried by its own commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest

from scripts.release.artifacts import write_wheels
from scripts.release.version import ROOT, current

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

_VERSION = current()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    assert len(write_wheels(folder, folder / "logs")) == 3
    return folder


def _install(folder: Path, wheels: Path, what: str) -> Path:
    """A clean environment with a distribution, its others from the wheels, and all else as locked; returns its programs' folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    locked = re.sub(r" \\\n( +--hash=\S+( \\)?\n)+", "\n", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    (folder / "constraints.txt").write_text(locked, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "venv" / "bin" / "python")]
    options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    places = ["--find-links", str(wheels), "--constraint", str(folder / "constraints.txt")]
    _run([*pip, "install", *options, *places, what])
    _run([*pip, "check"])
    return folder / "venv" / "bin"


def _run(command: list[str], folder: Path | None = None) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout}"
    return done.stdout


def test_each_wheel_has_the_licence_and_says_what_it_is(wheels: Path) -> None:
    for path in wheels.glob("*.whl"):
        with ZipFile(path) as wheel:
            names = {name.partition(".dist-info/")[2]: name for name in wheel.namelist()}
            about = HeaderParser().parsestr(wheel.read(names["METADATA"]).decode("utf-8"))
            assert wheel.read(names["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
        assert (about["License-Expression"], about["Author"]) == ("Apache-2.0", "Frametrace")
        assert about.get_payload().startswith(f"# {about['Name']}")


def test_the_models_alone_give_the_resource_definition(wheels: Path, tmp_path: Path) -> None:
    programs = _install(tmp_path, wheels, f"frametrace-api=={_VERSION}")

    code = "from frametrace_api.crd import crd_document; print(crd_document()['metadata']['name'])"

    assert _run([str(programs / "python"), "-c", code], tmp_path) == "camerapipelines.frametrace.dev\n"


def test_the_library_alone_makes_frame_ids_and_needs_no_more_than_pydantic(wheels: Path, tmp_path: Path) -> None:
    programs = _install(tmp_path, wheels, f"frametrace=={_VERSION}")

    code = "from frame_tracking import FrameID; ids = [FrameID.generate() for _ in range(9)]; print(sorted(ids) == ids)"

    assert _run([str(programs / "python"), "-c", code], tmp_path) == "True\n"
    present = {path.name.partition("-")[0] for path in (tmp_path / "venv").rglob("*.dist-info")}
    assert not present & {"av", "redis", "pika", "aiohttp", "kopf", "opentelemetry_sdk"}


def test_the_runtime_runs_a_pipeline_and_finds_its_frames(wheels: Path, tmp_path: Path) -> None:
    programs = _install(tmp_path, wheels, f"frametrace[capture,redis,rabbitmq,cli]=={_VERSION}")
    command = str(programs / "frametrace")

    assert _run([command, "--version"], tmp_path) == f"frametrace {_VERSION}\n"
    _run([command, "run", str(ROOT / "docs" / "examples" / "local.yaml"), "--seconds", "2"], tmp_path)
    assert re.search(r"\d{8}T\d{12}_cam01_\w{5}_\d{6}", _run([command, "find", "cam01", "--limit", "3"], tmp_path))


def test_the_operator_and_the_kubectl_plugin_start(wheels: Path, tmp_path: Path) -> None:
    programs = _install(tmp_path, wheels, f"frametrace-operator[plugin]=={_VERSION}")

    assert "rollback" in _run([str(programs / "kubectl-frametrace"), "--help"], tmp_path)
    assert (programs / "kubectl_complete-frametrace").exists()
    code = "import frametrace_operator.app, importlib.util as u; print(u.find_spec('av'), u.find_spec('redis'))"
    assert _run([str(programs / "python"), "-c", code], tmp_path) == "None None\n"
