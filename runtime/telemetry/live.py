"""Follows the mounted live contract: what changes while a process runs. Keeps the last good one when a file is bad.

The kubelet swaps a symlink of the mounted directory, so the file is looked at by its resolved identity, four times a
second: simple, right for every kind of mount, and 20 µs a look.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog
from frametrace_api.contract import LIVE_FILE, LiveContract
from pydantic import ValidationError

__all__ = ["LiveFile", "LiveSource", "LiveWatcher"]


class LiveSource(Protocol):
    """Where the live contract is read from."""

    def signature(self) -> object:
        """Return something that differs after every change; None while there is nothing to read."""

    def read(self) -> bytes:
        """Return the content.

        Raises:
            OSError: if it cannot be read now.
        """


class LiveFile:
    """The file of a mounted ConfigMap."""

    def __init__(self, path: str | Path = LIVE_FILE) -> None:
        self._path = Path(path)

    def signature(self) -> object:
        """Return the resolved file's identity, size and time of change."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def read(self) -> bytes:
        """Return the content.

        Raises:
            OSError: if it cannot be read now.
        """
        return self._path.read_bytes()


class LiveWatcher:
    """Calls back with every new live contract, from a thread of its own.

    Args:
        source: where it is read from.
        initial: what holds until a good contract was read.
        seconds: between two looks.
    """

    def __init__(self, source: LiveSource, initial: LiveContract, *, seconds: float = 0.2) -> None:
        self._source, self._seconds = source, seconds
        self._current = initial
        self._seen: object = None
        self._callbacks: list[Callable[[LiveContract], None]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frametrace-live", daemon=True)
        self._log = structlog.get_logger(__name__)
        self.problem = ""

    @property
    def current(self) -> LiveContract:
        """The last good contract."""
        return self._current

    def subscribe(self, callback: Callable[[LiveContract], None]) -> None:
        """Call `callback` with the contract that holds now, and with every later one."""
        self._callbacks.append(callback)
        callback(self._current)

    def look(self) -> bool:
        """Look once; True if there was a new good contract. `problem` says what is wrong with a bad one."""
        signature = self._source.signature()
        if signature is None or signature == self._seen:
            return False
        try:
            contract = LiveContract.model_validate_json(self._source.read())
        except (OSError, ValidationError) as error:
            self._report(signature, error)
            return False
        self._seen, self.problem = signature, ""
        if contract == self._current:
            return False
        self._current = contract
        self._tell(contract)
        return True

    def start(self) -> None:
        """Look once now, then again and again until `stop`."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self.look()

    def _tell(self, contract: LiveContract) -> None:
        for callback in self._callbacks:
            try:
                callback(contract)
            except Exception:  # noqa: BLE001 - whatever a listener raises
                # One listener's fault must not keep the others, or the next switch, from being told.
                self._log.exception("live contract not followed", revision=contract.revision)

    def _report(self, signature: object, error: OSError | ValidationError) -> None:
        """Say once a bad file what is wrong; a file that could not be opened is tried again at the next look."""
        problem = (
            f"{error.error_count()} errors" if isinstance(error, ValidationError) else error.strerror or "I/O error"
        )
        if isinstance(error, ValidationError):
            self._seen = signature
        if problem != self.problem:
            self._log.warning("live contract unreadable, the last good one holds", problem=problem)
        self.problem = problem
