"""A stage process: one stage, the frames of all cameras."""

from __future__ import annotations

import os

from frametrace_api.contract import POD_NAME_VARIABLE, LiveContract, StageContract
from telemetry import Service

from camera_runtime.run.contracts import ContractError, read_process
from camera_runtime.run.process import Options, Process
from camera_runtime.run.stage_parts import stage_worker
from camera_runtime.stages.loader import HandlerNotFoundError, load_handler
from camera_runtime.stages.worker import StageWorker

__all__ = ["run_stage"]


def run_stage(options: Options) -> bool:
    """Run until the process is told to end; True if its work had no fault and every span was sent.

    Raises:
        ContractError: if a contract cannot be used, or its handler is not there.
    """
    contract = read_process(options.config, StageContract)
    service = Service(contract.name, contract.pipeline.name, contract.name)
    process = Process(service, contract.pipeline, contract.name, options)
    try:
        handler = load_handler(contract.handler)  # after tracing is set up: it may open spans when it is made
    except HandlerNotFoundError as error:
        raise ContractError(str(error)) from None
    broker = process.connect(contract.broker, replica=os.environ.get(POD_NAME_VARIABLE, ""))
    worker = stage_worker(contract, handler, (process.tracer, process.account), broker, process.topology)
    process.watcher.subscribe(lambda live: _follow(worker, live))
    endpoints = process.endpoints(
        unhealthy=lambda: "" if worker.alive else "the stage's loop is stuck",
        unready=lambda: _unready(process),
    )
    try:
        return process.run(worker, endpoints)
    finally:
        broker.close()


def _follow(worker: StageWorker, live: LiveContract) -> None:
    worker.follow(live.cameras)


def _unready(process: Process) -> str:
    state = process.account.broker_state
    if state is None:
        return "the broker was not reached yet"
    return "" if state.connected else state.message
