"""What all tests share: hypothesis profiles, the local cluster, and real servers of this machine."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.real.jaeger import JaegerServer
from tests.real.rabbitmq import FAST_FOLDER, RabbitServer
from tests.real.redis import RedisServer

ROOT = Path(__file__).resolve().parents[1]

# A job in a shell's background ignores SIGINT, and so do its children: a test that presses Ctrl-C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that runs in a test's own process sets logs up for a whole process: the next test has its own to read."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def _cluster(*arguments: str) -> str:
    command = [sys.executable, "-m", "scripts.cluster", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the local cluster: {done.stderr or done.stdout}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    """Path of the local cluster's kubeconfig; the cluster is up."""
    _cluster("up")
    return Path(_cluster("kubeconfig"))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis for all contract tests; `.url`. Whoever needs one to break starts its own with `own_redis`."""
    with tempfile.TemporaryDirectory(prefix="frametrace-redis-") as folder:
        server = RedisServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="module")
def module_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that has one module's frames alone: pipelines of this machine all have one name, and some run as long as the tests."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test, which may stop and restart it."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def redis_server_class() -> type[RedisServer]:
    """To start a Redis with options; the test stops it."""
    return RedisServer


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[RabbitServer]:
    """A RabbitMQ for all tests; `.url`. Whoever breaks it mends it before the test ends."""
    with tempfile.TemporaryDirectory(prefix="frametrace-rabbitmq-", dir=FAST_FOLDER) as folder:
        server = RabbitServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="module")
def own_jaeger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JaegerServer]:
    """A Jaeger that has the frames of one module's tests alone, whichever tests run beside or before them."""
    server = JaegerServer(tmp_path_factory.mktemp("jaeger"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def jaeger() -> Iterator[JaegerServer]:
    """A Jaeger for all contract tests: `.otlp_url`, `.query_url`."""
    with tempfile.TemporaryDirectory(prefix="frametrace-jaeger-") as folder:
        server = JaegerServer(Path(folder))
        yield server
        server.stop()
