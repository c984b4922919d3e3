"""A folder of installed packages after it was made small: its own lists say what is there."""

from __future__ import annotations

from pathlib import Path

from scripts.images.slim import forget_removed, remove_unread


def _install(packages: Path, *files: str) -> Path:
    for name in files:
        path = packages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    record = packages / "lens-1.0.dist-info" / "RECORD"
    lines = [*(f"{name},sha256=abc,0" for name in files), "../../bin/lens,sha256=abc,0", '"odd,name.py",,']
    record.parent.mkdir()
    record.write_text("\n".join([*lines, "lens-1.0.dist-info/RECORD,,"]) + "\n")
    return record


def test_a_package_lists_no_file_that_was_removed_from_it(tmp_path: Path) -> None:
    record = _install(tmp_path, "lens/__init__.py", "lens/fast.pyx", "lens/tests/test_lens.py", "zoom/__init__.py")
    (tmp_path / "odd,name.py").write_text("")
    (tmp_path / "zoom" / "__init__.py").unlink()  # as the operator's image does with what it does not run

    remove_unread(tmp_path)
    forgotten = forget_removed(tmp_path)

    assert forgotten == 3
    assert record.read_text().splitlines() == [
        "lens/__init__.py,sha256=abc,0",
        "../../bin/lens,sha256=abc,0",
        '"odd,name.py",,',
        "lens-1.0.dist-info/RECORD,,",
    ]
