"""Images are read as containers see them: packages with their licences, bills of materials, and what two builds have otherwise."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from scripts.supply.bill import bill_of
from scripts.supply.differences import differences
from scripts.supply.inventory import packages_of, read_for_packages
from scripts.supply.licences import licence_page
from scripts.supply.oci import read_image, read_tree
from scripts.supply.package import NOT_STATED, Package
from tests.unit.supply.archives import SameFile, write_archive

_STATUS = b"""Package: zlib1g
Status: install ok installed
Architecture: amd64
Source: zlib (1:1.2)
Version: 1:1.2.13-1

Package: gone
Status: deinstall ok config-files
Version: 1

Package: zlib1g-doc
Status: install ok installed
Architecture: all
Version: 1:1.2.13-1

Package: old
Status: install ok installed
Architecture: all
Version: 2
"""
_BASE = {
    "usr/lib/os-release": b'ID=debian\nVERSION_ID="12"\n',
    "var/lib/dpkg/status": _STATUS,
    "usr/share/doc/zlib1g/copyright": b"Format: x\n\nFiles: *\nLicense: Zlib\n text\n\nFiles: a\nLicense: GPL-2+\n",
    "usr/share/doc/zlib1g-doc": "zlib1g",
    "usr/share/doc/old/copyright": b"See /usr/share/common-licenses/GPL-2, and some words.",
    "etc/motd": b"hello",
}
_PACKAGES = {
    "opt/a-1.dist-info/METADATA": b"Name: A.b\nVersion: 1\nLicense-Expression: MIT\n\nLong text",
    "opt/c-2.dist-info/METADATA": b"Name: c\nVersion: 2\nClassifier: License :: OSI Approved :: BSD License\n",
    "opt/d-3.dist-info/METADATA": b"Name: d\nVersion: 3\nLicense: " + b"all of it " * 20 + b"\n",
    "etc/.wh.motd": b"",
}
_FOUND = [
    Package("deb", "old", "2", "GPL-2", "old", "debian-12", "all"),
    Package("deb", "zlib1g", "1:1.2.13-1", "GPL-2+, Zlib", "zlib", "debian-12", "amd64"),
    Package("deb", "zlib1g-doc", "1:1.2.13-1", "GPL-2+, Zlib", "zlib1g-doc", "debian-12", "all"),
    Package("pypi", "a-b", "1", "MIT"),
    Package("pypi", "c", "2", "BSD License"),
    Package("pypi", "d", "3", NOT_STATED),
]


def test_packages_and_licences_are_read_from_the_images_own_files(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.tar", [_BASE, _PACKAGES])

    tree = read_tree(archive, read_for_packages)

    assert packages_of(tree) == _FOUND
    assert "etc/motd" not in tree
    assert all(entry.content is None for path, entry in tree.items() if not read_for_packages(path))


def test_a_package_whose_file_is_the_second_name_of_another_is_found(tmp_path: Path) -> None:
    metadata = b"Name: a\nVersion: 1\nLicense-Expression: MIT\n"
    files = {"cache/METADATA": metadata, "opt/a-1.dist-info/METADATA": SameFile("cache/METADATA")}

    tree = read_tree(write_archive(tmp_path / "a.tar", [files]), read_for_packages)

    assert [(each.name, each.licence) for each in packages_of(tree)] == [("a", "MIT")]


def test_a_bill_of_materials_is_the_same_for_the_same_image_and_names_every_package(tmp_path: Path) -> None:
    image = read_image(write_archive(tmp_path / "a.tar", [_BASE, _PACKAGES]))
    made = datetime(2025, 1, 1, tzinfo=UTC)

    bill = bill_of(image, _FOUND, "0.2.0", made)

    assert bill == bill_of(image, _FOUND, "0.2.0", made)
    content = json.loads(bill)
    assert content["specVersion"] == "1.6"
    assert content["metadata"]["component"]["version"] == "0.2.0"
    urls = {component["name"]: component["purl"] for component in content["components"]}
    assert len(urls) == len(_FOUND)
    assert urls["a-b"] == "pkg:pypi/a-b@1"
    assert urls["zlib1g"] == "pkg:deb/debian/zlib1g@1:1.2.13-1?arch=amd64&distro=debian-12"
    [stated] = [component["licenses"] for component in content["components"] if component["name"] == "a-b"]
    assert stated == [{"license": {"name": "MIT"}}]


def test_the_list_of_licences_names_every_package() -> None:
    page = licence_page({"frametrace-operator": _FOUND})

    assert page.count("\n| deb ") == 3
    assert "| pypi | a-b | 1 | MIT |" in page


def test_two_builds_are_the_same_or_the_files_that_differ_are_named(tmp_path: Path) -> None:
    layers = [_BASE, _PACKAGES]
    first = write_archive(tmp_path / "a.tar", layers)

    assert differences(first, write_archive(tmp_path / "b.tar", layers)) == []
    later = differences(first, write_archive(tmp_path / "c.tar", layers, created="later"))
    assert later == ["configuration: created: then or later"]
    changed = [_BASE, _PACKAGES | {"opt/new": b"", "opt/c-2.dist-info/METADATA": b"Name: c\n"}]
    assert differences(first, write_archive(tmp_path / "d.tar", changed)) == [
        "opt/c-2.dist-info/METADATA: content",
        "opt/new: only in one of them",
    ]
    turned = [dict(reversed(_BASE.items())), _PACKAGES]
    [order] = differences(first, write_archive(tmp_path / "e.tar", turned))
    assert order.startswith("order of files in a layer, first at ")


def test_sizes_are_those_of_the_layers(tmp_path: Path) -> None:
    image = read_image(write_archive(tmp_path / "a.tar", [_BASE, _PACKAGES]))

    assert image.bytes == sum(layer.bytes for layer in image.layers) > 0
    assert len(image.layers) == 2
    assert image.reference == "localhost/frametrace-operator:1"
