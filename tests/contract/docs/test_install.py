"""What the page on installing tells to type: images under the names that the chart asks for, and commands from local parts alone.

The registry is not there, so `buildah` and `kubectl` are stand-ins that note what they were told; `helm`, `sed` and `pip` are the real ones.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.cluster.build import binary
from scripts.prove.pages import Page
from scripts.release.artifacts import write_wheels
from scripts.release.manifest import install_manifest
from scripts.release.version import ROOT, current
from tests.contract.chart.rendering import environment_of, operator_pod

pytestmark = pytest.mark.contract

PAGE = Page.of("how-to/install.md")
IMAGES = [f"registry.example/frametrace/frametrace-{name}:{current()}" for name in ("operator", "runtime")]
LOGIN = {"PULL_USER": "puller", "PULL_PASSWORD": "not a real one"}
_NOTES = '#!/bin/sh\necho "$*" >> "$NOTED"\n'
_TAKES = f'{_NOTES}case "$*" in "apply -f -") cat > applied.yaml;; esac\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a checkout after `make release`, as far as the page uses it."""
    found = tmp_path_factory.mktemp("checkout")
    for name in ("crds", "runtime", "operator"):
        shutil.copytree(ROOT / name, found / name, ignore=shutil.ignore_patterns("__pycache__"))
    (found / "dist").mkdir()
    (found / "dist" / "install.yaml").write_text(install_manifest(current()))
    assert len(write_wheels(found / "dist", found / "logs")) == 3
    return found


@pytest.fixture(scope="module")
def said(folder: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """What the stand-ins were told by the page's commands before there is a cluster, and what helm made of its own."""
    programs = folder / "programs"
    programs.mkdir()
    helm = f'#!/bin/sh\n[ "$1" = install ] || exit 9\nshift\nexec {binary("helm")} template "$@"\n'
    for name, text in {"buildah": _NOTES, "kubectl": _TAKES, "helm": helm}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o700)
    homes = {f"HELM_{kind}_HOME": str(folder / "helm") for kind in ("CACHE", "CONFIG", "DATA")}
    commands = [f'PATH="{programs}:$PATH"', *(text for text in PAGE.blocks("sh") if text not in PAGE.cluster)]
    done = PAGE.follow(folder, commands, NOTED=str(folder / "noted"), **homes, **LOGIN)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    rendered = [document for document in yaml.load_all(done.stdout, yaml.CSafeLoader) if document]
    return (folder / "noted").read_text().splitlines(), rendered


def test_the_images_that_are_pushed_are_those_that_the_chart_asks_for(said: Any) -> None:
    noted, rendered = said

    assert [line for line in noted if line.startswith("push ")] == [f"push {image}" for image in IMAGES]
    built = [line.split() for line in noted if line.startswith("build ")]
    assert [words[words.index("-t") + 1] for words in built] == IMAGES
    assert all((ROOT / words[words.index("-f") + 1]).is_file() for words in built)
    [container] = operator_pod(rendered)["containers"]
    assert [container["image"], environment_of(rendered)["FRAMETRACE_RUNTIME_IMAGE"]] == IMAGES


def test_pods_pull_by_the_secret_that_is_made(said: Any) -> None:
    noted, rendered = said

    [secret] = [line for line in noted if "create secret docker-registry pull " in line]
    assert "-n frametrace-system" in secret
    assert "--docker-server=registry.example --docker-username=puller" in secret
    assert operator_pod(rendered)["imagePullSecrets"] == [{"name": "pull"}]
    assert environment_of(rendered)["FRAMETRACE_IMAGE_PULL_SECRETS"] == "pull"


def test_without_helm_the_registrys_name_goes_into_every_image(folder: Path, said: Any) -> None:
    assert "apply -f -" in said[0]
    applied = [document for document in yaml.safe_load_all((folder / "applied.yaml").read_text()) if document]

    [container] = operator_pod(applied)["containers"]
    assert [container["image"], environment_of(applied)["FRAMETRACE_RUNTIME_IMAGE"]] == IMAGES


@pytest.mark.parametrize("command", [line for line in PAGE.never_run if line.startswith("pip ")])
def test_pip_finds_every_part_of_ours_on_this_machine(command: str, folder: Path) -> None:
    """All that others made is in this Python already; no index is asked."""
    asked = command.replace(
        "pip install", f"{sys.executable} -m pip install --dry-run --no-index --no-build-isolation", 1
    )
    done = PAGE.follow(folder, [asked], PIP_DISABLE_PIP_VERSION_CHECK="1")

    assert done.returncode == 0, done.stderr
    [would] = [line for line in done.stdout.splitlines() if line.startswith("Would install ")]
    plugin = "plugin" in command
    names = ["frametrace", "frametrace-api", *(["frametrace-operator"] if plugin else [])]
    assert sorted(would.split()[2:]) == sorted(f"{name}-{current()}" for name in names)


def test_there_are_commands_for_both_programs_from_the_checkout_and_from_wheels() -> None:
    assert len([line for line in PAGE.never_run if line.startswith("pip ")]) == 4
    assert PAGE.never_run == [line for line in PAGE.never_run if line.startswith("pip ")]
