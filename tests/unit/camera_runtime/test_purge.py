"""The wipe of a managed Jaeger's volume: once a purge, all of it, and again if it was broken off."""

from __future__ import annotations

from pathlib import Path

import pytest
from camera_runtime.purge import main, purge


def _fill(volume: Path) -> None:
    (volume / "keys").mkdir()
    (volume / "keys" / "000001.sst").write_bytes(b"spans")
    (volume / "values" / "deep").mkdir(parents=True)
    (volume / "values" / "deep" / "000001.vlog").write_bytes(b"spans")
    (volume / "LOCK").touch()
    (volume / "lost+found").mkdir()


def _left(volume: Path) -> set[str]:
    return {entry.name for entry in volume.iterdir()}


def test_it_clears_once_a_generation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _fill(tmp_path)
    assert main([str(tmp_path), "1"]) == 0
    assert _left(tmp_path) == {"lost+found", "purge-generation"}
    (tmp_path / "keys").mkdir()
    assert not purge(tmp_path, "1")
    assert "keys" in _left(tmp_path)
    assert purge(tmp_path, "2")
    assert "keys" not in _left(tmp_path)
    assert "cleared, purge 1" in capsys.readouterr().out


def test_what_a_link_points_at_is_left_alone(tmp_path: Path) -> None:
    volume, outside = tmp_path / "volume", tmp_path / "outside"
    volume.mkdir()
    _fill(outside.parent / "volume")
    outside.mkdir()
    (outside / "kept").touch()
    (volume / "link").symlink_to(outside, target_is_directory=True)
    assert purge(volume, "1")
    assert _left(outside) == {"kept"}
    assert "link" not in _left(volume)


def test_a_wipe_that_was_broken_off_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(tmp_path)

    def refuse(_self: Path) -> None:
        raise PermissionError("read-only")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refuse)
        with pytest.raises(PermissionError):
            purge(tmp_path, "1")
    assert "purge-generation" not in _left(tmp_path)
    assert purge(tmp_path, "1")
    assert _left(tmp_path) == {"lost+found", "purge-generation"}


def test_a_mark_that_is_no_text_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "purge-generation").write_bytes(b"\xff\xfe")
    assert purge(tmp_path, "1")
    assert (tmp_path / "purge-generation").read_text() == "1"
