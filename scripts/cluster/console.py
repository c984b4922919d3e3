"""Progress for people: one line when a step begins and one when it ends, with the time it took."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["say", "step"]

_HEARTBEAT_SECONDS = 20.0
_output = threading.Lock()


def say(text: str) -> None:
    """Print one line to standard error, so that standard output stays free for answers."""
    with _output:
        print(text, file=sys.stderr, flush=True)


def _beat(title: str, began: float, done: threading.Event) -> None:
    while not done.wait(_HEARTBEAT_SECONDS):
        say(f"  … {title}: {time.monotonic() - began:.0f} s so far")


@contextmanager
def step(title: str, log: Path | None = None) -> Iterator[None]:
    """Announce a step and its log, show that it is alive while it runs, and print its time when it ends."""
    began = time.monotonic()
    done = threading.Event()
    say(f"→ {title} (log: {log})" if log else f"→ {title}")
    beat = threading.Thread(target=_beat, args=(title, began, done), daemon=True)
    beat.start()
    try:
        yield
    except BaseException:
        say(f"✗ {title} ({time.monotonic() - began:.1f} s)")
        raise
    else:
        say(f"✓ {title} ({time.monotonic() - began:.1f} s)")
    finally:
        done.set()
        beat.join()
