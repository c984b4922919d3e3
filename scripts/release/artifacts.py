"""The parts of a release, each written into a folder: wheels, chart, images with bills of materials and licences, checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from scripts.cluster.build import binary
from scripts.cluster.buildah import Making
from scripts.cluster.commands import run_logged
from scripts.images.build import TIMESTAMP, build_named
from scripts.release.version import ROOT
from scripts.supply.bill import bill_of
from scripts.supply.inventory import packages_of, read_for_packages
from scripts.supply.licences import licence_page
from scripts.supply.oci import read_image, read_tree
from scripts.supply.package import Package

__all__ = ["DISTRIBUTIONS", "IMAGES", "SUMS", "write_chart", "write_images", "write_sums", "write_wheels"]

DISTRIBUTIONS = ("crds", "runtime", "operator")
IMAGES = ("operator", "runtime")
SUMS = "SHA256SUMS"
_CHART = ROOT / "charts" / "frametrace"


def write_wheels(folder: Path, logs: Path) -> list[Path]:
    """Write the wheels of the three distributions; needs no index: what builds them is in .venv.

    Raises:
        ClusterError: one cannot be built; the log is named.
    """
    sources = [str(ROOT / name) for name in DISTRIBUTIONS]
    command = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(TIMESTAMP)}
    run_logged(
        "build the wheels", [*command, "-w", str(folder), *sources], logs / "wheels.log", environment=environment
    )
    return sorted(folder.glob("*.whl"))


def write_chart(folder: Path, version: str, logs: Path) -> Path:
    """Write the chart's package.

    Raises:
        ClusterError: helm is missing or refuses; the log is named.
    """
    homes = {f"HELM_{kind}_HOME": str(logs / "helm" / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    command = [str(binary("helm")), "package", str(_CHART), "--destination", str(folder)]
    run_logged("package the chart", command, logs / "helm.log", environment=os.environ | homes)
    return folder / f"frametrace-{version}.tgz"


def write_images(folder: Path, version: str) -> dict[str, list[Package]]:
    """Write the images as OCI archives, their bills of materials and the list of licences; returns each one's packages.

    Raises:
        ClusterError: a build failed; it names the log.
    """
    made = datetime.fromtimestamp(TIMESTAMP, UTC)
    found: dict[str, list[Package]] = {}
    for name in IMAGES:
        archive = build_named(name, f"localhost/frametrace-{name}:{version}", Making(TIMESTAMP)).archive
        shutil.copyfile(archive, folder / f"frametrace-{name}-{version}.oci.tar")
        packages = packages_of(read_tree(archive, read_for_packages))
        bill = bill_of(read_image(archive), packages, version, made)
        (folder / f"frametrace-{name}-{version}.cdx.json").write_text(bill, encoding="utf-8")
        found[f"frametrace-{name}"] = packages
    write_licences(folder, found)
    return found


def write_licences(folder: Path, images: Mapping[str, Iterable[Package]]) -> None:
    """Write the list of licences of the images' packages."""
    page = licence_page({name: list(packages) for name, packages in images.items()})
    (folder / "LICENCES.md").write_text(page, encoding="utf-8")


def write_sums(folder: Path) -> Path:
    """Write the checksums of all files of the folder, as ``sha256sum --check`` reads them."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    lines = []
    for path in files:
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    sums = folder / SUMS
    sums.write_text("".join(lines), encoding="utf-8")
    return sums
