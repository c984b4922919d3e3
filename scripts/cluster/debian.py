"""Makes a Debian root file system by debootstrap, from the mirror that this machine itself installs from.

Nothing of the machine is left in it: images that are given out are built on it. It names Debian's own addresses.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.cluster.commands import run_logged
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import cache_root
from scripts.cluster.pins import BASE_PACKAGES, BASE_SUITE

__all__ = ["AptSource", "apt_list", "bootstrap", "finish", "machine_apt_list", "parse_apt_sources", "resolve_mirror"]

_SHORTEST_LINE = 3  # deb, address, suite
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SUITES = (BASE_SUITE, f"{BASE_SUITE}-updates", f"{BASE_SUITE}-security")
_OWN_KEYS = (
    "debian-archive"  # others, too, name their suites after Debian's; their packages are signed with keys of their own
)
_MIRROR_LIST = "mirror+file:"


@dataclass(frozen=True, slots=True)
class AptSource:
    """One place that apt installs from.

    Args:
        uri: The mirror's address.
        suite: Such as ``bookworm-security``.
    """

    uri: str
    suite: str


#: What the images name, whichever mirror they were made from.
_DEBIANS_OWN = (
    AptSource("http://deb.debian.org/debian", BASE_SUITE),
    AptSource("http://deb.debian.org/debian", f"{BASE_SUITE}-updates"),
    AptSource("http://security.debian.org/debian-security", f"{BASE_SUITE}-security"),
)


def _stanza(text: str) -> list[AptSource]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    fields = {key.strip().lower(): value.split() for key, _, value in (line.partition(":") for line in lines)}
    if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
        return []
    if not _debians_own(" ".join(fields.get("signed-by", []))):
        return []
    return [AptSource(uri, suite) for uri in fields.get("uris", []) for suite in fields.get("suites", [])]


def _line(text: str) -> list[AptSource]:
    words = text.partition("#")[0].split()
    if len(words) < _SHORTEST_LINE or words[0] != "deb":
        return []
    options, rest = "", words[1:]
    if words[1].startswith("["):
        options, _, after = text.partition("[")[2].partition("]")
        rest = after.split()
    keys = next((word.partition("=")[2] for word in options.split() if word.startswith("signed-by=")), "")
    return [AptSource(rest[0], rest[1])] if len(rest) > 1 and _debians_own(keys) else []


def _debians_own(signed_by: str) -> bool:
    return not signed_by or _OWN_KEYS in signed_by


def parse_apt_sources(text: str, *, deb822: bool) -> list[AptSource]:
    """The enabled binary sources in a ``.sources`` (deb822) or ``.list`` file, of Debian's own suites only."""
    pieces = text.split("\n\n") if deb822 else text.splitlines()
    found = [source for piece in pieces for source in (_stanza(piece) if deb822 else _line(piece))]
    return [source for source in found if source.suite in _SUITES]


def resolve_mirror(uri: str) -> str:
    """The address behind a list of mirrors in a file, as Debian's cloud images have it; any other address as it is.

    Raises:
        ClusterError: The file cannot be read, or names no mirror.
    """
    if not uri.startswith(_MIRROR_LIST):
        return uri
    file = Path("/" + uri.removeprefix(_MIRROR_LIST).lstrip("/"))
    try:
        lines = [line.partition("#")[0].split() for line in file.read_text(encoding="utf-8").splitlines()]
        return next(words[0] for words in lines if words)
    except (OSError, StopIteration) as error:
        raise ClusterError("find a Debian mirror", f"{file} names none ({error})") from error


def _machine_sources() -> list[AptSource]:
    folder = Path("/etc/apt")
    files = [*folder.glob("sources.list"), *sorted(folder.glob("sources.list.d/*"))]
    sources = [
        AptSource(resolve_mirror(source.uri), source.suite)
        for path in files
        if path.suffix in {".list", ".sources"}
        for source in parse_apt_sources(path.read_text(encoding="utf-8"), deb822=path.suffix == ".sources")
    ]
    if not any(source.suite == BASE_SUITE for source in sources):
        raise ClusterError("find a Debian mirror", f"no source in /etc/apt names the suite {BASE_SUITE}")
    return sources


def apt_list(sources: Iterable[AptSource]) -> str:
    """Return a sources.list of Debian's own suites."""
    return "".join(f"deb [signed-by={_KEYRING}] {source.uri} {source.suite} main\n" for source in sources)


def machine_apt_list() -> str:
    """Return the sources.list that builds on this machine install from; it may hold a password, and belongs in no image.

    Raises:
        ClusterError: no mirror is known.
    """
    return apt_list(_machine_sources())


def finish(root: Path) -> None:
    """Take out of a new root file system what debootstrap copied from this machine or wrote about it.

    debootstrap leaves the machine's name and resolvers, and a log that names its mirror.
    """
    (root / "etc/apt/sources.list").write_text(apt_list(_DEBIANS_OWN), encoding="utf-8")
    (root / "etc/hostname").write_text("localhost\n", encoding="utf-8")
    (root / "etc/resolv.conf").write_text("", encoding="utf-8")
    for log in (path for path in (root / "var/log").rglob("*") if path.is_file()):
        log.write_bytes(b"")  # some must be there for programs to write to them
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)
    for archive in (root / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()
    for leftover in ("var/lib/apt/lists", "var/cache/debconf"):
        shutil.rmtree(root / leftover, ignore_errors=True)


def bootstrap(target: Path) -> None:
    """Write the root file system as a tar archive.

    Raises:
        ClusterError: No mirror is known, or debootstrap failed; the log is named.
    """
    sources = _machine_sources()
    mirror = next(source.uri for source in sources if source.suite == BASE_SUITE)
    log = cache_root() / "logs" / "debootstrap.log"
    with tempfile.TemporaryDirectory(prefix="debootstrap-", dir=target.parent) as folder:
        root = Path(folder) / "root"
        options = ["--variant=minbase", f"--include={','.join(BASE_PACKAGES)}", f"--keyring={_KEYRING}"]
        # In a mount namespace of its own: a killed debootstrap leaves no /proc mounted.
        isolated = ["unshare", "--mount", "--propagation", "private"]
        run_logged("debootstrap", [*isolated, "debootstrap", *options, BASE_SUITE, str(root), mirror], log)
        finish(root)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        run_logged(
            "archive the base",
            ["tar", "--numeric-owner", "-C", str(root), "-cf", str(unfinished), "."],
            log.with_name("base-tar.log"),
        )
        unfinished.rename(target)
