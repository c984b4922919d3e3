"""Builds the pinned Go commands into the cache, one folder a module, named by a hash of that module's pins.

A change of one module's pins rebuilds that module only. A killed build leaves nothing half-made: a binary appears by rename.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import time
from pathlib import Path

from scripts.cluster.commands import run_logged
from scripts.cluster.console import say, step
from scripts.cluster.digests import digest_of
from scripts.cluster.errors import ClusterError
from scripts.cluster.lock import locked
from scripts.cluster.paths import SOURCE, cache_root
from scripts.cluster.pins import GO_MINIMUM, MODULES, GoModule, module_of

__all__ = ["binary", "ensure_binaries", "missing_binaries", "module_key", "parse_go_version"]

_BUILD_FLAGS = ("-trimpath", "-mod=readonly", "-buildvcs=false")


def module_key(go_mod: str, go_sum: str, flags: str, machine: str) -> str:
    """The cache key of a module: its pins, how it is linked, and for which processor."""
    return digest_of([go_mod, go_sum, flags, machine])


def _folder(module: GoModule) -> Path:
    source = SOURCE / "tools" / module.name
    pins = [(source / name).read_text(encoding="utf-8") for name in ("go.mod", "go.sum")]
    flags = " ".join([*_BUILD_FLAGS, module.ldflags(), *module.files.values()])
    return cache_root() / "bin" / f"{module.name}-{module_key(pins[0], pins[1], flags, platform.machine())}"


def binary(command: str) -> Path:
    """Where a pinned command, or a file that comes with one, is, or will be once built.

    Raises:
        KeyError: No pinned module builds it.
    """
    return _folder(module_of(command)) / command


def missing_binaries(*also: str) -> list[str]:
    """The pinned commands that are not built yet, in build order: the cluster's, and those named that are built on demand."""
    wanted = [
        command for module in MODULES for command in module.products if not module.on_demand or _asked(module, also)
    ]
    return [command for command in wanted if not binary(command).exists()]


def _asked(module: GoModule, also: tuple[str, ...]) -> bool:
    return any(command in also for command in module.products)


def parse_go_version(text: str) -> tuple[int, int] | None:
    """Major and minor of ``go version``'s answer; None when it says neither."""
    found = re.search(r"\bgo(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _require_go() -> None:
    wanted = ".".join(map(str, GO_MINIMUM))
    if shutil.which("go") is None:
        raise ClusterError("find Go", f"there is no `go` on PATH; install Go {wanted} or newer")
    said = subprocess.run(["go", "version"], capture_output=True, text=True, check=False).stdout.strip()
    version = parse_go_version(said)
    if version is None or version < GO_MINIMUM:
        raise ClusterError(
            "find Go", f"Go {wanted} or newer is needed and `go version` says {said!r}; install a newer Go"
        )


def _build(command: str, module: GoModule, log: Path) -> None:
    target = binary(command)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{command}.{os.getpid()}")
    try:
        if command in module.commands:
            _go(["build", *_BUILD_FLAGS, "-ldflags", module.ldflags(), "-o", str(unfinished)], command, module, log)
        else:
            _copy(command, module, unfinished, log)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _go(arguments: list[str], command: str, module: GoModule, log: Path) -> None:
    # A module that asks for a newer Go than the machine's gets it, unless the caller's own setting forbids.
    environment = {"GOTOOLCHAIN": "auto", **os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    folder = SOURCE / "tools" / module.name
    named = [module.commands[command]] if command in module.commands else []
    run_logged(f"build {command}", ["go", *arguments, *named], log, folder=folder, environment=environment)


def _copy(name: str, module: GoModule, target: Path, log: Path) -> None:
    """Take a file out of the Go module that has it, which the build of the commands has brought here."""
    of, path = module.files[name].split("//")
    _go(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", of], name, module, log)
    shutil.copyfile(Path(log.read_text(encoding="utf-8").splitlines()[-1]) / path, target)
    target.chmod(0o755 if name.endswith(".sh") else 0o644)


def ensure_binaries(*also: str) -> None:
    """Build what is missing, one command after the other (each uses all cores), under a lock of its own.

    Args:
        also: Commands beside the cluster's own, of modules that are built on demand.

    Raises:
        ClusterError: Go is missing or too old, or a build failed; the log is named.
    """
    if not missing_binaries(*also):
        return
    with locked(cache_root() / "build.lock", "building the cluster's binaries"):
        missing = missing_binaries(*also)
        if missing:
            _require_go()
        began = time.monotonic()
        for number, command in enumerate(missing, 1):
            log = cache_root() / "logs" / f"build-{command}.log"
            with step(f"build {command} ({number} of {len(missing)})", log):
                _build(command, module_of(command), log)
        say(f"built {len(missing)} binaries in {time.monotonic() - began:.0f} s")
