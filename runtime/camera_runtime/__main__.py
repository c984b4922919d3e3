"""Command line of the pods: `python -m camera_runtime capture|stage|page`. Exit codes: 0, 1 spans lost or a fault, 78 bad contract."""

from __future__ import annotations

import argparse
import os
import sys

from frametrace_api.contract import CONFIG_FILE, HTTP_PORT, LIVE_FILE
from telemetry import describe

from camera_runtime.run.contracts import ContractError
from camera_runtime.run.process import Options

__all__ = ["main"]


def main() -> int:
    """Run one process of a pipeline."""
    parser = argparse.ArgumentParser(prog="camera_runtime", description="One process of a camera pipeline.")
    parser.add_argument("role", choices=("capture", "stage", "page"))
    parser.add_argument("--config", default=CONFIG_FILE, help="the process's contract (default: %(default)s)")
    parser.add_argument("--live", default=LIVE_FILE, help="the live contract (default: %(default)s)")
    parser.add_argument("--port", type=int, default=HTTP_PORT, help="of the HTTP endpoints (default: %(default)s)")
    arguments = parser.parse_args()
    options = Options(arguments.config, arguments.live, arguments.port)
    try:
        return 0 if _run(arguments.role, options) else 1
    except (ContractError, ValueError, OSError) as error:
        sys.stderr.write(f"camera_runtime {arguments.role}: {describe(error)}\n")
        return os.EX_CONFIG


def _run(role: str, options: Options) -> bool:
    if role == "capture":
        from camera_runtime.run.capture import run_capture  # noqa: PLC0415 - a stage's image may lack the other's parts

        return run_capture(options)
    if role == "page":
        from camera_runtime.run.page import run_page  # noqa: PLC0415 - as above

        return run_page(options)
    from camera_runtime.run.stage import run_stage  # noqa: PLC0415 - as above

    return run_stage(options)


if __name__ == "__main__":
    sys.exit(main())
