"""Runs the proofs that this commit does not have yet, one after the other, in the background.

`make prove` starts the run (or says that it is going on) and returns; calling it again shows how far it is. What was
interrupted begins again at the proof that was under way. The proofs take the machine's one local cluster down and up.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from scripts.cluster.paths import state_root
from scripts.prove.proofs import PROOFS, Proof
from scripts.prove.results import ROOT, Result, commit, load, machine, save

__all__ = ["main", "outcome", "run_logged"]

_GRACE_SECONDS = 60.0
_STATE = state_root() / "prove"


def outcome(log: Path) -> dict[str, Any]:
    """Read what a proof says of itself in the last line of its log."""
    lines = log.read_text(errors="replace").strip().splitlines() or [""]
    try:
        said = json.loads(lines[-1])
    except ValueError:
        return {"figure": f"no figure; see {log.name}", "bar": None}
    return said if isinstance(said, dict) else {"figure": said, "bar": None}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started in its session."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)


def run_logged(command: tuple[str, ...], log: IO[bytes], seconds: float) -> bool:
    """Run a command with its output in the log; tell whether it ended well within its time."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        _end(process)
        log.write(f"\nnot ended within {seconds:.0f} s\n".encode())
        return False


def _run(proof: Proof, at: str) -> None:
    path = _STATE / f"{proof.name}.log"
    start = time.monotonic()
    with path.open("wb") as log:
        ended = run_logged(proof.before, log, proof.limit_seconds) and run_logged(
            proof.command, log, proof.limit_seconds
        )
    found = outcome(path)
    at = at if commit() == at else f"{at.removesuffix('+')}+"  # the checkout changed while it was proved
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    ok = ended and found.get("ok") is True
    save(Result(proof.name, at, machine(), finished, round(time.monotonic() - start), ok, found))


def _hold_lock() -> IO[str] | None:
    _STATE.mkdir(parents=True, exist_ok=True)
    handle = (_STATE / "lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return handle


def _show(at: str) -> None:
    results = load()
    for proof in PROOFS:
        kept = results.get(proof.name)
        state = "not yet" if kept is None else f"{'ok' if kept.ok else 'FAILED'} in {kept.seconds} s at {kept.commit}"
        print(f"{proof.name:18} {state}{' (older commit)' if kept and kept.commit != at else ''}")
    print(f"logs: {_STATE}")


def main(arguments: list[str] | None = None) -> int:
    """Start the background run, or, as the background run, prove what is missing."""
    names = [proof.name for proof in PROOFS]
    parser = argparse.ArgumentParser(prog="python -m scripts.prove", description="Runs proofs in the background.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these proofs, of {', '.join(names)}")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(names)):
        parser.error(f"no such proof: {', '.join(unknown)}; there are {', '.join(names)}")
    at = commit()
    if given.run:
        return _prove(at, given.names)
    handle = _hold_lock()
    if handle is None:
        print("a run is going on")
    else:
        handle.close()
        with (_STATE / "run.log").open("a") as log:
            subprocess.Popen(
                [sys.executable, "-m", "scripts.prove", "--run", *given.names],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        print("started; call `make prove` again to see how far it is")
    _show(at)
    return 0


def _prove(at: str, names: Collection[str]) -> int:
    lock = _hold_lock()
    if lock is None:
        return 0
    with lock:
        for proof in PROOFS:
            kept = load().get(proof.name)
            if proof.name in (names or (proof.name,)) and (kept is None or kept.commit != at or not kept.ok):
                _run(proof, at)
    return 0


if __name__ == "__main__":
    sys.exit(main())
