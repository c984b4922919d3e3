"""A stage process: one stage, the frames of all cameras."""

from __future__ import annotations

import os
from functools import cache

from frametrace_api.contract import POD_NAME_VARIABLE, LiveContract, StageContract
from telemetry import Service

from camera_runtime.run.contracts import ContractError, read_process
from camera_runtime.run.process import Options, Process
from camera_runtime.stages.loader import HandlerNotFoundError, load_handler
from camera_runtime.stages.settle import StageTools
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports.base import Broker

__all__ = ["run_stage"]

_CLAIM_MARGIN_SECONDS = 5.0


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
    worker = StageWorker(_tools(contract, process, broker), handler)
    process.watcher.subscribe(lambda live: _follow(worker, live))
    endpoints = process.endpoints(
        unhealthy=lambda: "" if worker.alive else "the stage's loop is stuck",
        unready=lambda: _unready(process),
    )
    try:
        return process.run(worker, endpoints)
    finally:
        broker.close()


def _tools(contract: StageContract, process: Process, broker: Broker) -> StageTools:
    claim_after = contract.handler_timeout_seconds + _CLAIM_MARGIN_SECONDS
    return StageTools(
        name=contract.name,
        consumer=broker.consumer(contract.name, contract.input, claim_after_seconds=claim_after),
        tracer=process.tracer,
        account=process.account,
        destination=cache(lambda camera: broker.producer(camera, contract.name).destination),
        has_readers=lambda: any(edge.input == contract.name for edge in process.live.stages),
        system=broker.system,
        max_deliveries=contract.max_deliveries,
        timeout_seconds=contract.handler_timeout_seconds,
    )


def _follow(worker: StageWorker, live: LiveContract) -> None:
    worker.follow(live.cameras)


def _unready(process: Process) -> str:
    state = process.account.broker_state
    if state is None:
        return "the broker was not reached yet"
    return "" if state.connected else state.message
