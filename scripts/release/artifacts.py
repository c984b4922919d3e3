"""The parts of a release, each written into a folder: wheels, chart, images with bills of materials and licences, checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.cluster.build import binary
from scripts.cluster.buildah import Making
from scripts.cluster.commands import run_logged
from scripts.images.build import TIMESTAMP, BuiltImage, build_named
from scripts.release.registry import LOCAL, in_readme, in_values, push_script, reference, values_by_digest
from scripts.release.version import ROOT
from scripts.supply.bill import bill_of
from scripts.supply.inventory import packages_of, read_for_packages
from scripts.supply.licences import licence_page
from scripts.supply.oci import read_image, read_tree
from scripts.supply.package import Package

__all__ = ["DISTRIBUTIONS", "IMAGES", "SUMS", "Build", "write_chart", "write_images", "write_sums", "write_wheels"]

DISTRIBUTIONS = ("crds", "runtime", "operator")
IMAGES = ("operator", "runtime")
SUMS = "SHA256SUMS"
#: What builds an image of the catalogue under a name.
Build = Callable[[str, str, Making], BuiltImage]
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


def write_chart(folder: Path, version: str, logs: Path, registry: str = LOCAL) -> Path:
    """Write the chart's package; images are those of `registry` where its values name none.

    Raises:
        ClusterError: helm is missing or refuses; the log is named.
    """
    homes = {f"HELM_{kind}_HOME": str(logs / "helm" / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    environment = os.environ | homes | {"SOURCE_DATE_EPOCH": str(TIMESTAMP)}
    with TemporaryDirectory(prefix="frametrace-chart-") as scratch:
        chart = Path(scratch) / _CHART.name
        shutil.copytree(_CHART, chart)
        if registry != LOCAL:
            for name, of in (("values.yaml", in_values), ("README.md", in_readme)):
                text = of((chart / name).read_text(encoding="utf-8"), registry)
                (chart / name).write_text(text, encoding="utf-8")
        command = [str(binary("helm")), "package", str(chart), "--destination", str(folder)]
        run_logged("package the chart", command, logs / "helm.log", environment=environment)
    return folder / f"frametrace-{version}.tgz"


def write_images(
    folder: Path, version: str, registry: str = LOCAL, build: Build = build_named
) -> dict[str, list[Package]]:
    """Write the images as OCI archives, their bills of materials, the list of licences, and how they get to the registry.

    Returns:
        Each one's packages.

    Raises:
        ClusterError: a build failed; it names the log.
    """
    made = datetime.fromtimestamp(TIMESTAMP, UTC)
    found: dict[str, list[Package]] = {}
    digests: dict[str, str] = {}
    for name in IMAGES:
        archive = build(name, reference(LOCAL, name, version), Making(TIMESTAMP)).archive
        shutil.copyfile(archive, folder / _archive(name, version))
        packages, image = packages_of(read_tree(archive, read_for_packages)), read_image(archive)
        digests[name] = image.digest
        bill = bill_of(image, packages, version, made)
        (folder / f"frametrace-{name}-{version}.cdx.json").write_text(bill, encoding="utf-8")
        found[f"frametrace-{name}"] = packages
    write_licences(folder, found)
    if registry != LOCAL:
        _write_for(registry, folder, version, digests)
    return found


def _archive(name: str, version: str) -> str:
    return f"frametrace-{name}-{version}.oci.tar"


def _write_for(registry: str, folder: Path, version: str, digests: Mapping[str, str]) -> None:
    """How the images get to the registry, and their names there by digest."""
    push = folder / "push-images.sh"
    push.write_text(
        push_script(registry, version, {name: _archive(name, version) for name in digests}), encoding="utf-8"
    )
    push.chmod(0o755)
    (folder / "images.json").write_text(values_by_digest(registry, digests), encoding="utf-8")


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
