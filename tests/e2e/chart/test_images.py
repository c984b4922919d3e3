"""What is in the images that run: the locked packages and no others, each with its licence, as the bill of materials lists them."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from packaging.version import Version

from scripts.images.build import build
from scripts.release.version import ROOT, current
from scripts.supply.bill import bill_of
from scripts.supply.inventory import packages_of, read_for_packages
from scripts.supply.oci import Entry, read_image, read_tree
from scripts.supply.package import NOT_STATED

pytestmark = pytest.mark.cluster
_FOR_OLDER_PYTHONS = {"async-timeout"}


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_an_image_holds_what_is_locked_and_its_bill_says_so(name: str) -> None:
    archive = build(name).archive
    text = (ROOT / name / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))  # some have a version for each Python

    packages = packages_of(read_tree(archive, read_for_packages))

    python = {each.name: each for each in packages if each.kind == "pypi"}
    own = {name for name in python if name.startswith("frametrace")}
    assert {python[name].version for name in own} == {str(Version(current()))}  # wheels write 1.2.3-rc.4 as 1.2.3rc4
    there = {(name, python[name].version) for name in python.keys() - own}
    assert there <= locked
    assert {name for name, _ in locked - there} - python.keys() <= _FOR_OLDER_PYTHONS
    unstated = [each for each in packages if each.kind != "deb" and each.licence == NOT_STATED]
    assert unstated == []
    image = read_image(archive)
    licences = ["Apache-2.0", *(each.licence for each in packages if each.name == "ffmpeg")]
    assert image.config["config"]["Labels"]["org.opencontainers.image.licenses"] == " AND ".join(licences)
    bill = json.loads(bill_of(image, packages, current(), datetime.now(UTC)))
    assert {(each["name"], each.get("version", "")) for each in bill["components"]} == {
        (each.name, each.version) for each in packages
    }


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_every_machine_code_file_of_an_images_python_packages_belongs_to_a_component(name: str) -> None:
    tree = read_tree(build(name).archive, lambda path: path.startswith("opt/"))
    packages = packages_of(tree)
    libraries = {each.file for each in packages if each.file}
    recorded = {
        line for path, entry in tree.items() if path.endswith(".dist-info/RECORD") for line in _files(path, entry)
    }

    code = {
        path for path, entry in tree.items() if path.startswith("opt/") and (entry.content or b"")[:4] == b"\x7fELF"
    }

    assert {path for path in code if ".libs/" in path} == libraries
    assert {path for path in code if ".libs/" not in path} <= recorded
    assert code


def _files(record: str, entry: Entry) -> set[str]:
    """The files that a package says it installed, by their paths in the image."""
    folder = PurePosixPath(record).parent.parent
    rows = csv.reader((entry.content or b"").decode("utf-8").splitlines())
    return {str(folder / row[0]) for row in rows if row}


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_an_image_is_dated_by_its_inputs_and_belongs_to_no_user_of_the_machine(name: str) -> None:
    archive = build(name).archive
    image = read_image(archive)

    assert image.config["created"].startswith("2025-01-01T00:00:00")
    assert image.config["config"]["User"] == "65532:65532"
    assert image.config["config"]["Labels"]["org.opencontainers.image.version"] == current()
