"""Which packages are installed in an image, and under which licences: Debian's, Python's and what these bring. From its own files; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import HeaderParser

from packaging.utils import canonicalize_name

from scripts.supply.bundled import bundled_in_wheels, read_for_bundled
from scripts.supply.oci import Entry
from scripts.supply.package import NOT_STATED, Package

__all__ = ["packages_of", "read_for_packages"]

_STATUS = "var/lib/dpkg/status"
_COPYRIGHT = re.compile(r"usr/share/doc/[^/]+/copyright")
_METADATA = re.compile(r".*\.dist-info/METADATA")
_PATCHLEVEL = re.compile(r"usr/local/include/python[^/]*/patchlevel\.h")
_PY_VERSION = re.compile(r'#define PY_VERSION\s+"([^"]+)"')
_OS_RELEASE = "usr/lib/os-release"
_OSI = "License :: OSI Approved :: "
_LONGEST = 80  # some put a licence's whole text where its name belongs


def read_for_packages(path: str) -> bool:
    """Whether a file's content is needed to know the packages."""
    named = _COPYRIGHT.fullmatch(path) or _METADATA.fullmatch(path)
    return path in (_STATUS, _OS_RELEASE) or bool(named or _PATCHLEVEL.fullmatch(path)) or read_for_bundled(path)


def packages_of(tree: Mapping[str, Entry]) -> list[Package]:
    """Return all packages of an image's files (`oci.read_tree` with `read_for_packages`), in order."""
    return sorted({*_debian(tree), *_interpreter(tree), *_python(tree), *bundled_in_wheels(tree)})


def _debian(tree: Mapping[str, Entry]) -> Iterator[Package]:
    fields = dict(line.split("=", 1) for line in _text(tree, _OS_RELEASE).splitlines() if "=" in line)
    distribution = "-".join(fields.get(key, "").strip('"') for key in ("ID", "VERSION_ID"))
    for paragraph in filter(str.strip, _text(tree, _STATUS).split("\n\n")):
        about = HeaderParser().parsestr(paragraph.strip())
        if about["Status"].split()[-1] == "installed":
            source = (about["Source"] or about["Package"]).split()[0]
            licence = _licence_of_debian(_copyright(tree, about["Package"]))
            yield Package(
                "deb", about["Package"], about["Version"], licence, source, distribution, about["Architecture"]
            )


def _copyright(tree: Mapping[str, Entry], package: str) -> str:
    folder = f"usr/share/doc/{package}"
    for _ in range(5):  # some packages' folder is a link to another's
        entry = tree.get(folder)
        if entry is None or not entry.link:
            break
        folder = f"usr/share/doc/{entry.link.rstrip('/').rpartition('/')[2]}"
    return _text(tree, f"{folder}/copyright")


def _licence_of_debian(text: str) -> str:
    """The licences named in a copyright file: by its fields, or, where it has none, those of /usr/share/common-licenses."""
    fields = text.lstrip().startswith("Format")
    pattern = r"^Licen[sc]e:[ \t]*(\S.*)$" if fields else r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9+])"
    named = {name.strip() for name in re.findall(pattern, text, re.MULTILINE)}
    return ", ".join(sorted(named)) or NOT_STATED


def _interpreter(tree: Mapping[str, Entry]) -> Iterator[Package]:
    """A Python that was built into the image, as in `python:3.11-slim`: no package manager knows it."""
    for path in filter(_PATCHLEVEL.fullmatch, tree):
        if version := _PY_VERSION.search(_text(tree, path)):
            yield Package("generic", "python", version[1], "PSF-2.0")


def _python(tree: Mapping[str, Entry]) -> Iterator[Package]:
    for path in filter(_METADATA.fullmatch, tree):
        about = HeaderParser().parsestr(_text(tree, path))
        name = canonicalize_name(about["Name"])
        yield Package("pypi", name, about["Version"], _licence_of_python(about))


def _licence_of_python(about: Message) -> str:
    for stated in (about.get("License-Expression"), about.get("License")):
        if stated and len(stated) <= _LONGEST and "\n" not in stated and stated != "UNKNOWN":
            return stated
    named = [each.removeprefix(_OSI) for each in about.get_all("Classifier", []) if each.startswith(_OSI)]
    return ", ".join(sorted(named)) or NOT_STATED


def _text(tree: Mapping[str, Entry], path: str) -> str:
    entry = tree.get(path)
    return (entry.content or b"").decode("utf-8", errors="replace") if entry else ""
