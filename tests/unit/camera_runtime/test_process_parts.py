from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from camera_runtime.accounts import LedgerAccount
from camera_runtime.capture.problem import Problem
from camera_runtime.http.endpoints import Endpoints
from camera_runtime.http.server import EndpointServer
from camera_runtime.run.contracts import ContractError, read_live, read_process
from camera_runtime.transports import BrokerProblem, BrokerUnavailableError
from frame_tracking import DropReason, FrameID, Outcome, SpanCount, TraceContext
from frametrace_api.contract import CaptureContract, StageContract
from telemetry import LedgerBook, RuntimeMetrics

PIPELINE = {"namespace": "default", "name": "yard", "uid": "u"}
CAPTURE = {"role": "capture", "pipeline": PIPELINE, "camera": {"id": "cam01", "url": "test://"}, "broker": {}}


def endpoints(**changed: object) -> Endpoints:
    given = {
        "metrics": lambda: b"# EOF\n",
        "metrics_type": "text/x",
        "ledger": lambda query: repr(query).encode(),
        "unhealthy": lambda: "",
        "unready": lambda: "no frame yet",
    }
    return Endpoints(**{**given, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/metrics", 200, b"# EOF\n"),
        ("/ledger", 200, b"None"),
        ("/ledger?", 200, b"None"),
        ("/ledger?from=10&until=40&frames=7", 200, b"LedgerQuery(start=10, end=40, frames=7)"),
        ("/ledger?until=40&from=10", 200, b"LedgerQuery(start=10, end=40, frames=0)"),
        ("/ledger?x=1", 400, b"the query has from and until, and may have frames, each once\n"),
        ("/ledger?from=1&from=2&until=3", 400, b"the query has from and until, and may have frames, each once\n"),
        ("/ledger?from=1&until=2&frames=3&x=4", 400, b"the query has at most from, until, frames, each once\n"),
        ("/ledger?from", 400, b"the query has at most from, until, frames, each once\n"),
        ("/ledger?from=-1&until=2", 400, b"from is a whole number from 0 to 17179869184\n"),
        ("/ledger?from=1e3&until=2", 400, b"from is a whole number from 0 to 17179869184\n"),
        ("/ledger?from=2&until=2", 400, b"until is 1 to 3600 seconds after from\n"),
        ("/ledger?from=0&until=99999", 400, b"until is 1 to 3600 seconds after from\n"),
        ("/ledger?from=1&until=2&frames=5001", 400, b"frames is a whole number from 0 to 5000\n"),
        ("/healthz", 200, b"ok\n"),
        ("/readyz", 503, b"no frame yet\n"),
        ("/", 404, b"there is: /metrics /ledger /healthz /readyz /snapshot.jpg\n"),
    ],
)
def test_paths_and_their_answers(path: str, status: int, body: bytes) -> None:
    answer = endpoints().answer(path)
    assert (answer.status, answer.body) == (status, body)


def test_a_picture_is_shown_only_where_it_is_allowed() -> None:
    assert endpoints().answer("/snapshot.jpg").status == 403
    assert endpoints(snapshot=lambda: b"").answer("/snapshot.jpg").status == 503
    assert endpoints(snapshot=lambda: b"\xff\xd8").answer("/snapshot.jpg").content_type == "image/jpeg"


def test_the_server_answers_over_http() -> None:
    server = EndpointServer(endpoints(), 0)
    server.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=5) as answer:
            assert answer.read() == b"ok\n"
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz", timeout=5)
    finally:
        server.stop()


@pytest.fixture
def serving() -> Iterator[EndpointServer]:
    server = EndpointServer(endpoints(), 0, request_seconds=0.3)
    server.start()
    yield server
    server.stop()


def test_clients_that_never_finish_do_not_keep_probes_out(serving: EndpointServer) -> None:
    with ExitStack() as held:
        for _ in range(70):
            client = held.enter_context(socket.create_connection(("127.0.0.1", serving.port), 10))
            client.sendall(b"GET /healthz HT")
        with urllib.request.urlopen(f"http://127.0.0.1:{serving.port}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok\n"


def _send_little_by_little(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        for _ in range(1000):
            client.sendall(b"G")
            time.sleep(0.01)


def test_a_client_that_sends_a_little_again_and_again_is_cut(serving: EndpointServer) -> None:
    with pytest.raises(OSError, match=r"reset|[Bb]roken"):
        _send_little_by_little(serving.port)


def test_the_account_fills_ledger_and_metrics() -> None:
    book, frame_id = LedgerBook(), FrameID("20240315T101530123456_cam01_a7f3c_000123")
    metrics = RuntimeMetrics(("default", "yard"), book, SpanCount)
    account = LedgerAccount("motion", book, metrics, "cam01", lambda: 7.0)
    context = TraceContext.untraced(frame_id)
    account.entered(frame_id, context, context_lost=True)
    account.processed(frame_id, context, 0.004)
    account.left(frame_id)
    account.duplicate(frame_id)
    account.dropped(frame_id, context, "archive", DropReason.OVERFLOW)
    account.ended(frame_id, Outcome.DEAD_LETTERED)
    account.skipped("cam01")
    account.lag({"cam01": 3})
    account.camera_up(up=True)
    account.camera_failed(Problem.SILENT)
    account.camera_reconnected()
    motion, archive = book.hops()
    assert (motion.entered, motion.left, motion.duplicates, motion.context_lost) == (1, 1, 1, 1)
    assert (motion.ended, archive.ended) == ({"dead_lettered": 1}, {"dropped:overflow": 1})
    text = metrics.render().decode()
    for line in (
        'frametrace_camera_up{camera="cam01",namespace="default",pipeline="yard"} 1.0',
        'frametrace_camera_errors_total{camera="cam01",namespace="default",pipeline="yard",reason="silent"} 1.0',
        'frametrace_queue_lag_frames{camera="cam01",namespace="default",pipeline="yard",stage="motion"} 3.0',
    ):
        assert line in text


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (BrokerProblem.UNAUTHORIZED, "Unauthorized"),
        (BrokerProblem.FULL, "Full"),
        (BrokerProblem.UNREACHABLE, "Unreachable"),
    ],
)
def test_a_brokers_trouble_is_told_in_the_resources_words(problem: BrokerProblem, word: str) -> None:
    book, now = LedgerBook(), [1.0]
    account = LedgerAccount("motion", book, RuntimeMetrics(("d", "y"), book, SpanCount), clock=lambda: now[0])
    assert account.broker_state is None
    account.broker()
    now[0] = 2.0
    account.broker(BrokerUnavailableError("whatever it says", problem))
    now[0] = 3.0
    account.broker(BrokerUnavailableError("whatever it says", problem))
    state = account.broker_state
    assert state is not None
    assert (state.connected, state.reason, state.message, state.since) == (False, word, "whatever it says", 2.0)


def test_contracts_are_read_and_their_faults_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "process.json"
    path.write_text(json.dumps(CAPTURE))
    assert read_process(str(path), CaptureContract).camera.id == "cam01"
    faults = {"missing.json": "cannot be read", "process.json": "for the role 'capture'"}
    for name, says in faults.items():
        with pytest.raises(ContractError, match=says):
            read_process(str(tmp_path / name), StageContract)
    path.write_text(json.dumps({**CAPTURE, "camera": {"id": "cam01", "url": 7}}))
    with pytest.raises(ContractError, match=r"capture\.camera\.url: Input should be a valid string") as fault:
        read_process(str(path), CaptureContract)
    assert "\n" not in str(fault.value)
    with pytest.raises(ContractError, match="no live contract"):
        read_live(str(path))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"camera": {"id": "cam01", "url": "http://cam/"}}, "the scheme must be rtsp or rtsps"),
        ({"camera": {"id": "Cam_1", "url": "test://"}}, "is not a DNS label"),
        ({"networks": {"allow": ["10.0.0.1/8"]}}, "has host bits set"),
        ({"frames_per_second": "many"}, "is not a positive number"),
        ({"broker": {"type": "RabbitMQ"}}, "RabbitMQ has no overflow DropOldest"),
        ({"role": "stage"}, "Field required"),
    ],
)
def test_a_process_with_a_bad_contract_ends_with_one_line_and_its_own_exit_code(
    tmp_path: Path, changed: dict[str, object], says: str
) -> None:
    (tmp_path / "process.json").write_text(json.dumps({**CAPTURE, **changed}))
    (tmp_path / "live.json").write_text('{"revision": "1"}')
    command = [sys.executable, "-m", "camera_runtime", "capture", "--port", "0"]
    command += ["--config", str(tmp_path / "process.json"), "--live", str(tmp_path / "live.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 78
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_process_whose_work_ends_by_a_fault_says_so_by_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "live.json").write_text('{"revision": "1"}')
    program = (
        "import sys\n"
        "from camera_runtime.run.process import Options, Process\n"
        "from frametrace_api.contract import PipelineRef\n"
        "from telemetry import Service\n"
        "class Job:\n"
        "    def run(self): raise SystemExit(0)\n"
        "    def stop(self): pass\n"
        f"options = Options('', {str(tmp_path / 'live.json')!r}, 0)\n"
        "process = Process(Service('motion'), PipelineRef(namespace='n', name='p', uid='u'), 'motion', options)\n"
        "sys.exit(not process.run(Job(), process.endpoints(lambda: '', lambda: '')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert "ended by a fault" in done.stderr
    assert done.returncode == 1
