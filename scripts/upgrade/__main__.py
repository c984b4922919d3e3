"""The proof of upgrades: ``python -m scripts.upgrade --pipelines 50``. The local cluster must be up.

The last line of output is figure, bar and verdict.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.cluster.privileges import require_root
from scripts.demo.target import Target
from scripts.images.build import build
from scripts.images.load import load
from scripts.upgrade.earlier import load_earlier_image
from scripts.upgrade.plan import in_a_proof
from scripts.upgrade.run import Images, there_and_back

__all__ = ["images", "main"]


def images() -> Images:
    """Build what both versions need, and load it into the local cluster.

    Raises:
        ClusterError: the history lacks the earlier version, a build failed, or the cluster is down.
    """
    return Images(
        load_earlier_image("operator"),
        load_earlier_image("runtime"),
        *(load(build(name).archive) for name in ("operator", "runtime")),
    )


def main() -> int:
    """Run the proof."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipelines", type=int, default=50)
    count = parser.parse_args().pipelines
    require_root(["-m", "scripts.upgrade", *sys.argv[1:]])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is taken away
    with TemporaryDirectory(prefix="frametrace-upgrade-") as folder:
        turns = there_and_back(Target(), images(), Path(folder), in_a_proof(count))
    ok = all(turn.is_clean for turn in turns)
    figure = {"pipelines": count, "turns": [asdict(turn) for turn in turns]}
    bar = "no pod restarts unless its template should change, no status is lost, and every frame is accounted for"
    print(json.dumps({"figure": figure, "bar": bar, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
