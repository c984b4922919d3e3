"""Proofs are kept with the commit they are of, run to their end or ended whole, and count frames by identity."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from frame_tracking import FrameID, HopCount, Journey, JourneySpan

from scripts.cluster.processes import start_ticks
from scripts.prove import __main__ as prove
from scripts.prove.__main__ import outcome, run_logged
from scripts.prove.frames_complete import TOPOLOGY, count, manifest
from scripts.prove.proofs import PROOFS
from scripts.prove.results import Result, commit, load, save
from scripts.prove.tutorial import expected, expected_of_cluster, missing
from tests.real.processes import wait_for

RESULTS = "docs/reference/proofs.json"


def _git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docs/reference").mkdir(parents=True)
    (tmp_path / "code.py").write_text("1\n")
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", "code.py")
    _git(tmp_path, "commit", "-m", "code")
    return tmp_path


def test_committing_results_leaves_them_results_of_this_commit(checkout: Path) -> None:
    before = commit(checkout)
    (checkout / RESULTS).write_text("[]\n")
    _git(checkout, "add", RESULTS)
    _git(checkout, "commit", "-m", "results")

    assert len(before) == 12
    assert commit(checkout) == before


def test_uncommitted_changes_are_marked_and_new_commits_are_others(checkout: Path) -> None:
    before = commit(checkout)
    (checkout / "code.py").write_text("2\n")
    changed = commit(checkout)
    _git(checkout, "commit", "-a", "-m", "more code")

    assert changed == f"{before}+"
    assert commit(checkout) not in (before, changed)


def _result(name: str, *, ok: bool) -> Result:
    return Result(name, "abc", "a machine", "2026-01-01T00:00:00+00:00", 7, ok, {"figure": {"n": 1}, "bar": None})


def test_a_result_takes_the_place_of_the_former_one(tmp_path: Path) -> None:
    data, page = tmp_path / "proofs.json", tmp_path / "proofs.md"
    first, second = (proof.name for proof in PROOFS[:2])

    for result in (_result(second, ok=True), _result(first, ok=False), _result(first, ok=True)):
        save(result, data, page)

    assert load(data) == {first: _result(first, ok=True), second: _result(second, ok=True)}
    rows = [line.split(" | ")[0].strip("| ") for line in page.read_text().splitlines() if '"n"' in line]
    assert rows == [first, second]


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ('much\n{"figure": 3, "bar": 4, "ok": true}\n', {"figure": 3, "bar": 4, "ok": True}),
        ("Traceback: no\n", {"figure": "no figure; see it.log", "bar": None}),
        ("", {"figure": "no figure; see it.log", "bar": None}),
        ("7", {"figure": 7, "bar": None}),
    ],
)
def test_a_proof_speaks_in_its_last_line(tmp_path: Path, log: str, expected: dict[str, object]) -> None:
    (tmp_path / "it.log").write_text(log)

    assert outcome(tmp_path / "it.log") == expected


def test_a_command_beyond_its_time_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    child = "import os, subprocess, sys, time; print(os.getpid(), flush=True); time.sleep(600)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    with (tmp_path / "log").open("wb") as log:
        ended = run_logged((sys.executable, "-c", parent), log, 3)

    pid, _, said = (tmp_path / "log").read_text().partition("\n")
    assert not ended
    assert "not ended within 3 s" in said
    wait_for(lambda: start_ticks(int(pid)) is None, f"the end of process {pid}")


def test_a_command_that_fails_has_not_ended_well(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        assert run_logged(("true",), log, 30)
        assert not run_logged(("false",), log, 30)


def _frame_id(sequence: int, session: str = "aaaaa") -> FrameID:
    return FrameID(f"20260101T000000{sequence:06d}_cam01_{session}_{sequence:06d}")


def _journey(frame_id: FrameID, hops: int = 3) -> Journey:
    named = {"frame.id": str(frame_id)}

    def span(number: int, name: str, service: str, kind: str, **more: str) -> JourneySpan:
        attributes = named | {"span.kind": kind} | {key.replace("__", "."): value for key, value in more.items()}
        parent = str(number - 1) if number > 1 else None
        return JourneySpan(str(number), parent, (), name, service, number, 1, attributes)

    whole = (
        span(1, "capture_frame", "rtsp-capture", "internal"),
        span(2, "send cam01.capture", "rtsp-capture", "producer"),
        span(3, "process_frame", "motion", "consumer"),
        span(4, "send cam01.motion", "motion", "producer"),
        span(5, "process_frame", "verify", "consumer", frame__outcome="completed"),
    )
    return Journey(frame_id.trace_id, whole[: 2 * hops - 1])


CAPTURED = HopCount(camera="cam01", hop="capture", session="aaaaa", last_sequence=3)


def test_frames_are_counted_by_identity() -> None:
    whole = [_journey(_frame_id(number)) for number in (1, 2, 3)]

    found = count(CAPTURED, iter([*whole, whole[0]]))

    assert (found.captured, found.complete, found.missing, found.incomplete) == (3, 3, [], [])


def test_what_is_missing_or_incomplete_is_named_and_other_sessions_do_not_stand_in() -> None:
    journeys = [
        _journey(_frame_id(1)),
        _journey(_frame_id(2), hops=2),
        _journey(_frame_id(3, "bbbbb")),
        _journey(_frame_id(4)),
    ]

    found = count(CAPTURED, iter(journeys))

    assert (found.captured, found.complete, found.missing) == (3, 1, [3])
    assert [text.partition(":")[0] for text in found.incomplete] == [str(_frame_id(2))]


def test_the_pipeline_and_the_tree_that_is_judged_are_the_same() -> None:
    stages = manifest("rtsp://camera/cam01")["spec"]["stages"]

    assert TOPOLOGY.stages == tuple((stage["name"], stage["input"]) for stage in stages)
    assert json.dumps(manifest("rtsp://camera/cam01"))


def test_proofs_have_names_of_their_own() -> None:
    assert len({proof.name for proof in PROOFS}) == len(PROOFS)


def test_only_the_proofs_that_are_named_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(prove, "_STATE", tmp_path)
    monkeypatch.setattr(prove, "load", dict)
    monkeypatch.setattr(prove, "_run", lambda proof, _at: ran.append(proof.name))

    assert prove.main(["--run", "chart", "tutorial"]) == 0
    assert sorted(ran) == ["chart", "tutorial"]
    ran.clear()
    assert prove.main(["--run"]) == 0
    assert ran == [proof.name for proof in PROOFS]


def test_a_proof_that_there_is_not_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        prove.main(["generated"])

    assert "no such proof: generated" in capsys.readouterr().err


def test_what_the_tutorial_prints_on_this_machine_is_nothing_that_the_cluster_showed() -> None:
    here, there = "\n".join(expected), "\n".join(expected_of_cluster)

    assert missing(f"{here}\n+ make demo\n{there}") == []
    assert missing(f"{here}\n{there}") == [f"{text} (on the cluster)" for text in expected_of_cluster]
