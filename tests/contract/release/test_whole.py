"""A release as a whole, but for the images, in whose place small archives stand: every part is there, and agrees with the others."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from scripts.cluster.buildah import Making
from scripts.images.build import BuiltImage
from scripts.release.version import current
from scripts.release.whole import write_release
from scripts.supply.oci import read_image
from tests.unit.supply.archives import write_archive

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300)]

_METADATA = b"Name: a\nVersion: 1\nLicense-Expression: MIT\n"
_REGISTRY = "registry.example/cams"
_SKOPEO = """#!/bin/sh
echo "$@" >> "$CALLS"
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release for a registry."""
    folder = tmp_path_factory.mktemp("release")

    def build(name: str, reference: str, making: Making) -> BuiltImage:
        assert making.timestamp
        files = {"opt/a-1.dist-info/METADATA": _METADATA, f"opt/{name}": b""}
        return BuiltImage(reference, write_archive(folder / f"{name}.tar", [files]))

    write_release(folder / "dist", current(), folder / "logs", _REGISTRY, build)
    return folder / "dist"


def test_everything_that_is_given_out_is_there_and_its_checksums_hold(release: Path) -> None:
    version = current()

    assert sorted(path.name for path in release.iterdir()) == sorted(
        [
            *(
                "LICENCES.md",
                "SHA256SUMS",
                "images.json",
                "install.yaml",
                "push-images.sh",
                f"frametrace-{version}.tgz",
            ),
            *(
                f"frametrace-{name}-{version}.{kind}"
                for name in ("operator", "runtime")
                for kind in ("oci.tar", "cdx.json")
            ),
            *(
                f"{name}-{Version(version)}-py3-none-any.whl"
                for name in ("frametrace", "frametrace_api", "frametrace_operator")
            ),
        ]
    )
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=release, check=True)


def test_bills_licences_and_values_are_of_the_very_images(release: Path) -> None:
    images = json.loads((release / "images.json").read_text("utf-8"))["images"]

    for name in ("operator", "runtime"):
        digest = read_image(release / f"frametrace-{name}-{current()}.oci.tar").digest
        bill = json.loads((release / f"frametrace-{name}-{current()}.cdx.json").read_text("utf-8"))
        assert bill["metadata"]["component"]["bom-ref"] == digest
        assert images[name] == f"{_REGISTRY}/frametrace-{name}@{digest}"
        assert f"## frametrace-{name}\n" in (release / "LICENCES.md").read_text("utf-8")


def test_the_manifest_names_the_registry_and_the_script_pushes_there(release: Path, tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all((release / "install.yaml").read_text("utf-8")))
    [deployment] = [body for body in documents if body["kind"] == "Deployment"]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    skopeo, calls = tmp_path / "skopeo", tmp_path / "calls"
    skopeo.write_text(_SKOPEO, encoding="utf-8")
    skopeo.chmod(0o755)

    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CALLS": str(calls)}
    subprocess.run([release / "push-images.sh"], env=environment, check=True)

    pushed = [line.split() for line in calls.read_text("utf-8").splitlines()]
    assert [line[-1] for line in pushed] == [
        f"docker://{_REGISTRY}/frametrace-{name}:{current()}" for name in ("operator", "runtime")
    ]
    assert pushed[0][-1] == f"docker://{container['image']}"
    assert all((release / line[-2].removeprefix("oci-archive:")).is_file() for line in pushed)
    assert "localhost/" not in (release / "install.yaml").read_text("utf-8")
