from __future__ import annotations

import subprocess
import sys

from telemetry import process_cpu_seconds

BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint('burnt', flush=True)\nimport sys; sys.stdin.read()"


def test_a_childs_time_counts_while_it_lives_and_after_it_has_ended() -> None:
    before = process_cpu_seconds()
    with subprocess.Popen([sys.executable, "-c", BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"burnt\n"
        living = process_cpu_seconds()
        child.communicate()
    ended = process_cpu_seconds()

    assert before + 0.25 <= living <= ended + 0.02  # /proc counts in hundredths of a second
