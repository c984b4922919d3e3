"""What wheels bring beside their package is in the bill of materials and in the list of licences, with what it is under."""

from __future__ import annotations

import hashlib
import json
import sysconfig
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.release.version import ROOT
from scripts.supply.bill import bill_of
from scripts.supply.inventory import packages_of, read_for_packages
from scripts.supply.libraries import FFMPEG, LICENCES, ffmpeg_licence, name_and_version
from scripts.supply.licences import licence_page
from scripts.supply.oci import read_image, read_tree
from scripts.supply.package import NOT_STATED, Package
from tests.unit.supply.archives import write_archive

_SITE = "opt/frametrace/lib/python3.11/site-packages"
_CODEC = b"\x7fELF FFmpeg version 8.1.2\x00libavcodec license: LGPL version 3 or later\x00"
_X264 = b"\x7fELF x264"
_BILL = {
    "components": [
        {"name": "av", "version": "18.1.0", "purl": "pkg:pypi/av@18.1.0?file_name=av.whl"},
        {"name": "libdrm", "version": "2.4", "purl": "pkg:rpm/almalinux/libdrm@2.4"},
        {"name": "libdrm", "version": "2.4", "purl": "pkg:rpm/almalinux/libdrm@2.4"},
        {
            "name": "ahash",
            "version": "1",
            "purl": "pkg:cargo/ahash@1",
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
        },
        {"name": "zlib", "version": "1", "purl": "pkg:generic/zlib@1", "licenses": [{"license": {"id": "Zlib"}}]},
        {"name": "autocfg", "version": "1", "purl": "pkg:cargo/autocfg@1", "scope": "excluded"},
        {"name": "of no place"},
    ]
}
_FILES = {
    f"{_SITE}/av-18.1.0.dist-info/METADATA": b"Name: av\nVersion: 18.1.0\nLicense-Expression: BSD-3-Clause\n",
    f"{_SITE}/av-18.1.0.dist-info/sboms/auditwheel.cdx.json": json.dumps(_BILL).encode(),
    f"{_SITE}/av.libs/libavcodec-5e6b81c2.so.62.28.102": _CODEC,
    f"{_SITE}/av.libs/libx264-d6533a8d.so.165": _X264,
    f"{_SITE}/av.libs/libstrange-d6533a8d.so": b"\x7fELF",
}


def _found(folder: Path, files: dict[str, bytes]) -> list[Package]:
    return packages_of(read_tree(write_archive(folder / "a.tar", [files]), read_for_packages))


def test_shared_libraries_and_what_a_wheels_own_bill_names_are_parts_of_its_package(tmp_path: Path) -> None:
    found = _found(tmp_path, _FILES)

    told = {(each.kind, each.name, each.version, each.licence) for each in found if each.part_of == "av"}
    assert told == {
        ("generic", "libavcodec", "62.28.102", "LGPL-3.0-or-later"),
        ("generic", "libx264", "165", "GPL-2.0-or-later"),
        ("generic", "libstrange", "", NOT_STATED),
        ("generic", "ffmpeg", "8.1.2", "GPL-3.0-or-later"),
        ("rpm", "libdrm", "2.4", "MIT"),
        ("cargo", "ahash", "1", "MIT OR Apache-2.0"),
        ("generic", "zlib", "1", "Zlib"),
    }
    assert len([each for each in found if each.part_of]) == len(told)


def test_ffmpeg_without_a_library_under_the_gpl_is_under_what_it_says_itself(tmp_path: Path) -> None:
    found = _found(tmp_path, {path: content for path, content in _FILES.items() if "x264" not in path})

    assert {each.licence for each in found if each.name == "ffmpeg"} == {"LGPL-3.0-or-later"}
    assert "GPL-3.0-or-later**" not in licence_page({"frametrace-runtime": found})


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        (b"license: GPL version 3 or later\0", "GPL-3.0-or-later"),
        (b"license: LGPL version 2.1 or later\0", "LGPL-2.1-or-later"),
        (b"no word", ""),
    ],
)
def test_ffmpegs_own_word_of_its_licence_is_read(said: bytes, licence: str) -> None:
    assert ffmpeg_licence(said) == licence


def test_the_bill_has_each_part_with_its_hash_and_ffmpeg_as_scanners_look_for_it(tmp_path: Path) -> None:
    twice = {f"{_SITE}/b-1.dist-info/sboms/b.json": json.dumps(_BILL).encode()}
    archive = write_archive(tmp_path / "a.tar", [_FILES | twice])

    bill = json.loads(
        bill_of(read_image(archive), _found(tmp_path, _FILES | twice), "1", datetime(2025, 1, 1, tzinfo=UTC))
    )

    named = {each["bom-ref"]: each for each in bill["components"]}
    assert named["pkg:generic/ffmpeg@8.1.2#av"]["cpe"] == "cpe:2.3:a:ffmpeg:ffmpeg:8.1.2:*:*:*:*:*:*:*"
    codec = named["pkg:generic/libavcodec@62.28.102#av"]
    assert codec["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(_CODEC).hexdigest()}]
    assert {each["name"] for each in codec["properties"]} == {"frametrace:file", "frametrace:part-of"}
    assert named.keys() >= {"pkg:cargo/ahash@1#av", "pkg:cargo/ahash@1#b", "pkg:pypi/av@18.1.0"}


def test_a_python_that_no_package_manager_knows_is_listed(tmp_path: Path) -> None:
    header = {"usr/local/include/python3.11/patchlevel.h": b'/* */\n#define PY_VERSION      \t"3.11.13"\n'}
    archive = write_archive(tmp_path / "a.tar", [header])

    found = _found(tmp_path, header)

    assert found == [Package("generic", "python", "3.11.13", "PSF-2.0")]
    [python] = json.loads(bill_of(read_image(archive), found, "1", datetime(2025, 1, 1, tzinfo=UTC)))["components"]
    assert python["cpe"] == "cpe:2.3:a:python:python:3.11.13:*:*:*:*:*:*:*"


def test_the_list_of_licences_says_that_ffmpeg_is_passed_on_under_the_gpl(tmp_path: Path) -> None:
    page = licence_page({"frametrace-runtime": _found(tmp_path, _FILES)})

    assert "**frametrace-runtime holds FFmpeg 8.1.2 under GPL-3.0-or-later**, in the wheel of av." in page
    assert "| generic | libx264 (in av) | 165 | GPL-2.0-or-later |" in page


def test_the_libraries_of_the_locked_wheels_are_known_and_the_images_label_follows_from_them() -> None:
    site = Path(sysconfig.get_path("purelib"))
    files = [path for owner in ("av", "numpy") for path in (site / f"{owner}.libs").iterdir()]
    names = {name_and_version(path.name)[0] for path in files}

    assert names >= FFMPEG
    assert names - FFMPEG - LICENCES.keys() == set(), "name its licence in scripts/supply/libraries.py"
    containerfile = (ROOT / "scripts/images/runtime.Containerfile").read_text(encoding="utf-8")
    assert names >= {"libx264", "libx265"}, "the image's label can say less"
    assert 'image.licenses="Apache-2.0 AND GPL-3.0-or-later"' in containerfile
