"""Runs the proofs that this commit does not have yet, one after the other, in the background.

`make prove` starts the run (or says that it is going on) and returns; calling it again shows how far it is. What was
interrupted begins again at the proof that was under way.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from scripts.prove.proofs import PROOFS, Proof
from scripts.prove.results import ROOT, Result, commit, load, machine, save

_STATE = Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local/state")) / "frametrace/prove"


def _outcome(log: Path) -> dict[str, Any]:
    lines = log.read_text(errors="replace").strip().splitlines() or [""]
    try:
        outcome = json.loads(lines[-1])
    except ValueError:
        return {"figure": f"no figure; see {log.name}", "bar": None}
    return outcome if isinstance(outcome, dict) else {"figure": outcome, "bar": None}


def _run(proof: Proof, at: str) -> None:
    log = _STATE / f"{proof.name}.log"
    start = time.monotonic()
    with log.open("w") as output:
        try:
            code = subprocess.run(
                proof.command,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=proof.limit_seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    outcome = _outcome(log)
    ok = code == 0 and outcome.get("ok") is True
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    save(Result(proof.name, at, machine(), finished, round(time.monotonic() - start), ok, outcome))


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


def main() -> int:
    """Start the background run, or, as the background run, prove what is missing."""
    at = commit()
    if sys.argv[1:] == ["--run"]:
        if _hold_lock() is None:
            return 0
        for proof in PROOFS:
            kept = load().get(proof.name)
            if kept is None or kept.commit != at or not kept.ok:
                _run(proof, at)
        return 0
    handle = _hold_lock()
    if handle is None:
        print("a run is going on")
    else:
        handle.close()
        with (_STATE / "run.log").open("a") as log:
            subprocess.Popen(
                [sys.executable, "-m", "scripts.prove", "--run"],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        print("started; call `make prove` again to see how far it is")
    _show(at)
    return 0


if __name__ == "__main__":
    sys.exit(main())
