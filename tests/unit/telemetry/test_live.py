from __future__ import annotations

from pathlib import Path

import pytest
from frametrace_api.contract import LiveContract, StageEdge
from structlog.testing import capture_logs
from telemetry.live import LiveFile, LiveWatcher

OLD, NEW = LiveContract(revision="old"), LiveContract(revision="new", stages=(StageEdge(name="a", input="capture"),))


class Source:
    def __init__(self) -> None:
        self.content: bytes | None = None
        self.version = 0
        self.unreadable = False

    def write(self, content: str) -> None:
        self.content, self.version = content.encode(), self.version + 1

    def signature(self) -> object:
        return None if self.content is None else self.version

    def read(self) -> bytes:
        if self.unreadable or self.content is None:
            raise FileNotFoundError(2, "No such file")
        return self.content


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def watcher(source: Source, told: list[str]) -> LiveWatcher:
    watcher = LiveWatcher(source, OLD)
    watcher.subscribe(lambda contract: told.append(contract.revision))
    return watcher


def test_a_subscriber_is_told_what_holds_now_and_every_change_once(
    watcher: LiveWatcher, source: Source, told: list[str]
) -> None:
    assert watcher.look() is False
    source.write(NEW.model_dump_json())

    assert [watcher.look(), watcher.look()] == [True, False]
    assert (told, watcher.current) == (["old", "new"], NEW)


def test_a_file_that_is_written_again_unchanged_is_no_change(watcher: LiveWatcher, source: Source) -> None:
    source.write(NEW.model_dump_json())
    watcher.look()
    source.write(NEW.model_dump_json())

    assert watcher.look() is False


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"revision": 1}',
        '{"revision": "x", "tracing": {"state": "Maybe"}}',
        '{"revision": "x", "stages": [{"name": "b", "input": "later"}]}',
        '{"revision": "x", "stages": [{"name": "b", "input": "capture"}, {"name": "b", "input": "capture"}]}',
        '{"revision": "x", "stages": [{"name": "capture", "input": "capture"}]}',
    ],
)
def test_a_bad_file_leaves_the_last_good_contract(
    watcher: LiveWatcher, source: Source, told: list[str], content: str
) -> None:
    source.write(NEW.model_dump_json())
    watcher.look()
    source.write(content)

    with capture_logs() as logs:
        assert [watcher.look(), watcher.look()] == [False, False]

    assert (watcher.current, told) == (NEW, ["old", "new"])
    assert watcher.problem
    assert len(logs) == 1


def test_a_file_that_cannot_be_read_now_is_read_at_the_next_look(watcher: LiveWatcher, source: Source) -> None:
    source.write(NEW.model_dump_json())
    source.unreadable = True
    with capture_logs():
        assert watcher.look() is False
    source.unreadable = False

    assert watcher.look() is True
    assert watcher.problem == ""


def test_one_listeners_fault_does_not_keep_the_others_from_being_told(source: Source) -> None:
    told: list[str] = []
    watcher = LiveWatcher(source, OLD)

    def fail(contract: LiveContract) -> None:
        if contract is not OLD:
            raise RuntimeError("no")

    watcher.subscribe(fail)
    watcher.subscribe(lambda contract: told.append(contract.revision))
    source.write(NEW.model_dump_json())

    with capture_logs() as logs:
        assert watcher.look() is True

    assert told == ["old", "new"]
    assert [line["log_level"] for line in logs] == ["error"]


def test_a_swapped_mount_is_noticed(tmp_path: Path) -> None:
    for name, contract in (("1", OLD), ("2", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "live.json").write_text(contract.model_dump_json())
    data = tmp_path / "..data"
    data.symlink_to(tmp_path / "1")
    (tmp_path / "live.json").symlink_to(data / "live.json")
    watcher = LiveWatcher(LiveFile(tmp_path / "live.json"), LiveContract(revision=""))
    watcher.look()
    before = watcher.current.revision

    fresh = tmp_path / "..data_tmp"
    fresh.symlink_to(tmp_path / "2")
    fresh.rename(data)

    assert watcher.look() is True
    assert (before, watcher.current.revision) == ("old", "new")


def test_a_file_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert LiveWatcher(LiveFile(tmp_path / "absent"), OLD).look() is False
