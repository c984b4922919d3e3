"""What `frametrace run` does: a pipeline in this process, until a signal or until enough."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, cast

from frame_tracking import Outcome
from rich.console import Console
from rich.live import Live
from telemetry import set_up_logs
from telemetry.sink import SpanSink
from telemetry.span_file import SpanFile

from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.log_lines import LogLines
from camera_runtime.cli.output import print_json, printer, styled
from camera_runtime.cli.resource import read_pipeline
from camera_runtime.cli.sources import valid_url
from camera_runtime.cli.summary import as_object, lines, table
from camera_runtime.http.server import EndpointServer
from camera_runtime.run.broker_choice import hide_password
from camera_runtime.run.contracts import ContractError
from camera_runtime.run.local import LocalPipeline, new_broker
from camera_runtime.run.local_contracts import LocalContracts, local_contracts
from camera_runtime.run.local_tracing import LocalTracing
from camera_runtime.run.picture_store import PictureStore
from camera_runtime.run.secret_files import SecretFiles
from camera_runtime.run.tally import Tallied
from camera_runtime.run_record import RunRecord
from camera_runtime.transports.base import BrokerUnavailableError

__all__ = ["Bounds", "Where", "run"]

_STEP_SECONDS: Final = 0.1
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Bounds:
    """When the pipeline ends by itself; 0 never."""

    frames: int
    seconds: float
    drain: float


@dataclass(frozen=True, slots=True)
class Where:
    """What is run, and with what; see the options of `frametrace run`."""

    pipeline: Path
    spans: Path
    broker: str
    otlp: str
    secrets: Path | None
    port: int | None


def run(where: Where, bounds: Bounds, *, as_json: bool) -> int:
    """Run a pipeline; returns the exit code.

    Raises:
        CommandError: if it cannot be run.
    """
    sys.path.insert(0, str(Path.cwd()))
    loaded = read_pipeline(where.pipeline, allow_files=True)
    out, errors = printer(), printer(errors=True)
    set_up_logs("frametrace", level="WARNING", stream=cast("TextIO", LogLines(errors)))
    hide_password(where.broker)
    try:
        contracts = local_contracts(loaded.pipeline, loaded.files, SecretFiles(where.secrets), where.broker)
        with _sink(where.otlp, where.spans) as new_sink:
            tracing = LocalTracing(contracts.pipeline.name, new_sink, contracts.live)
            made = _make(contracts, tracing, where.spans)
            shown = nullcontext() if as_json or not out.is_terminal else _live(out, made, tracing)
            with _serving(made, where.port), shown:
                well = _work(made, bounds)
    except ContractError as error:
        raise CommandError(f"{where.pipeline}: {error}", Exit.INVALID) from None
    except BrokerUnavailableError as error:
        raise CommandError(str(error), Exit.UNAVAILABLE) from None
    tallied, counted = made.tally.snapshot(), tracing.counts()
    if as_json:
        print_json(as_object(tallied, counted))
    else:
        for line in lines(tallied, counted, in_broker=bool(where.broker)):
            out.print(line)
    wrong = _what_is_wrong(tallied, made, bounds, well=well)
    if wrong:
        errors.print(styled((f"frametrace: {wrong}", "red")))
    return int(Exit.WELL if not wrong and (where.broker or not tallied.in_flight) else Exit.MISSING)


def _what_is_wrong(tallied: Tallied, made: LocalPipeline, bounds: Bounds, *, well: bool) -> str:
    """Return why the run was no success, or nothing; a few failed frames are a result, as dropped ones are."""
    if not well:
        return "spans were lost, or a part of the pipeline ended by a fault"
    if not sum(tallied.captured.values()) and (bounds.frames or bounds.seconds):
        cameras = [parts.status.snapshot() for parts in made.captures]
        problems = [f"{camera.id}: {camera.message or 'no picture of it was taken'}" for camera in cameras]
        return f"nothing was captured: {'; '.join(problems)}"
    ended = sum(tallied.ended.values())
    if ended and not tallied.ended[Outcome.COMPLETED]:
        failed, dropped = tallied.ended[Outcome.DEAD_LETTERED], tallied.ended[Outcome.DROPPED]
        return f"no frame was completed: {failed} dead-lettered, {dropped} dropped; `frametrace find` has their errors"
    return ""


def _make(contracts: LocalContracts, tracing: LocalTracing, spans: Path) -> LocalPipeline:
    broker = new_broker(contracts)
    broker.ping()
    try:
        allowed = contracts.captures[0].pictures_allowed
        pictures = PictureStore(RunRecord.pictures_of(spans)) if allowed else None
        RunRecord.read(spans).with_topology(contracts.topology).write(spans)
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be written: {error.strerror}", Exit.INVALID) from None
    return LocalPipeline(contracts, tracing, broker, pictures)


def _work(pipeline: LocalPipeline, bounds: Bounds) -> bool:
    """Run until a signal, or until enough; True if nothing went wrong."""
    stop, hurry = threading.Event(), threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        (hurry if stop.is_set() else stop).set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    pipeline.start()
    begun = time.monotonic()
    try:
        while not stop.wait(_STEP_SECONDS) and pipeline.capturing:
            captured = sum(pipeline.tally.snapshot().captured.values())
            if (bounds.frames and captured >= bounds.frames) or (
                bounds.seconds and time.monotonic() - begun >= bounds.seconds
            ):
                break
        stop.set()
        return pipeline.end(bounds.drain, hurry)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _sink(otlp: str, spans: Path) -> Iterator[Callable[[], SpanSink]]:
    """Yield what makes the sinks of services: one file for all of them, or a connection for each."""
    if otlp:
        valid_url(otlp, "--otlp")
        from telemetry.otlp_http import HttpSink  # noqa: PLC0415 - a span file does without
        from telemetry.otlp_settings import OtlpSettings  # noqa: PLC0415

        settings = OtlpSettings.to(otlp, os.environ)
        yield lambda: HttpSink(settings)
        return
    try:
        file = SpanFile(spans)
    except OSError as error:
        raise CommandError(f"{spans} cannot be written: {error.strerror}", Exit.INVALID) from None
    with file:
        yield lambda: file


@contextmanager
def _serving(pipeline: LocalPipeline, port: int | None) -> Iterator[None]:
    if port is None:
        yield
        return
    try:
        server = EndpointServer(pipeline.endpoints(), port, host=_LOOPBACK)
    except OSError as error:
        raise CommandError(f"port {port} cannot be used: {error.strerror}") from None
    server.start()
    printer(errors=True).print(styled((f"http://localhost:{server.port}/metrics", "cyan")))
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _live(out: Console, pipeline: LocalPipeline, tracing: LocalTracing) -> Iterator[None]:
    with Live(
        get_renderable=lambda: table(pipeline, tracing.counts()), console=out, refresh_per_second=4, transient=True
    ):
        yield
