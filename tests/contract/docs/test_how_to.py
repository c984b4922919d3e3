"""What the pages tell to write and to type works as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from frame_tracking import FrameID

from scripts.prove.pages import Page
from tests.real.jaeger import JaegerServer
from tests.real.rabbitmq import RabbitServer
from tests.real.redis import RedisServer

pytestmark = pytest.mark.contract


SERVERS = ("how-to/without-a-cluster.md", "how-to/rabbitmq.md")
"""Pages with commands, outside blocks of `sh`, that use servers which the reader has on this machine."""


def follow(name: str, folder: Path) -> str:
    """Write a page's files into `folder`, run its commands there in order, and return what they print."""
    page = Page.of(name)
    done = page.follow(folder, page.local)
    told = [line for line in done.stderr.splitlines() if not line.startswith("trace_analyzer: wrote ")]
    assert (done.returncode, told) == (0, []), done.stdout
    return done.stdout


def test_a_pipeline_without_a_cluster(tmp_path: Path) -> None:
    said = follow("how-to/without-a-cluster.md", tmp_path)

    assert re.search(r"^(\d+) frames captured: \1 completed, 0 dropped, 0 dead-lettered$", said, re.MULTILINE)
    assert re.search(r"^(\d+) of \1 spans written$", said, re.MULTILINE)
    assert "complete: every hop, no orphan, one outcome a branch" in said
    assert (tmp_path / "frame.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_a_pipeline_without_a_cluster_uses_servers_that_are_there(
    jaeger: JaegerServer, redis_server: RedisServer, rabbit_server: RabbitServer, tmp_path: Path
) -> None:
    usual = {
        "http://localhost:4318": jaeger.otlp_url,
        "http://localhost:16686": jaeger.query_url,
        "redis://localhost:6379/0": redis_server.url,
        "amqp://guest:guest@localhost:5672/": rabbit_server.url,
        "docs/examples/local.yaml": "docs/examples/local.yaml --frames 20",  # the reader ends it by Ctrl-C
    }
    told = [line for name in SERVERS for line in Page.of(name).never_run if "localhost" in line]
    commands = [re.sub("|".join(map(re.escape, usual)), lambda found: usual[found[0]], line) for line in told]
    done = Page.of(SERVERS[0]).follow(tmp_path, commands)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("20 frames captured: 20 completed, 0 dropped, 0 dead-lettered") == 3
    assert re.search(r"^\d{8}T\d{12}_cam01_\w+ ", done.stdout, re.MULTILINE), "found in Jaeger"


def test_many_traces_are_analysed(tmp_path: Path) -> None:
    said = follow("how-to/analyse-traces.md", tmp_path)

    assert re.search(r"^(\d+) of \1 journeys are complete \(100 %\)$", said, re.MULTILINE)
    assert '"latency": [' in said
    assert '<h2 id="latency">' in (tmp_path / "report.html").read_text()


def test_a_stage_of_ones_own(tmp_path: Path) -> None:
    said = follow("how-to/own-stage.md", tmp_path)

    assert "process_frame  [brightness]" in said
    assert re.search(r"^(\d+) frames captured: \1 completed", said, re.MULTILINE)


def test_a_ratio_and_a_camera_of_its_own_one(tmp_path: Path) -> None:
    said = follow("how-to/sampling-and-budgets.md", tmp_path)
    [captured] = re.findall(r"^(\d+) frames captured: \1 completed", said, re.MULTILINE)
    traced = {
        camera: {FrameID(row["frame_id"]).sequence for row in json.loads((tmp_path / f"{camera}.json").read_text())}
        for camera in ("cam01", "cam02")
    }

    assert traced["cam02"] == set(range(1, len(traced["cam02"]) + 1))  # each of them
    assert 0 < len(traced["cam01"]) < int(captured) - len(traced["cam02"])


def test_the_tutorials_part_without_a_cluster(tmp_path: Path) -> None:
    page = Page.of("tutorial.md")
    first, *others = page.blocks("sh")
    parts = others[: next(number for number, text in enumerate(others) if "make demo" in text)]
    assert first.startswith("make setup\n")
    done = page.follow(tmp_path, [first.removeprefix("make setup\n"), *parts])

    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.partition(" (")[0] for line in done.stderr.splitlines()] == ["warning: frame dead-lettered"]
    assert "20 completed, 0 dropped, 10 dead-lettered" in done.stdout
    assert "I do not like this one" in done.stdout
    assert len(re.findall(r"complete: every hop, no orphan, one outcome a branch", done.stdout)) == 2
    assert "journeys are complete (100 %)" in done.stdout
