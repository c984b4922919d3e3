from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from camera_runtime.run.collector import calm_collector


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.parametrize("only_ours", [True, False])
def test_what_starting_made_is_looked_at_no_more(*, only_ours: bool) -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()

    calm_collector(only_ours=only_ours)

    assert gc.get_freeze_count() > frozen
    assert (gc.get_threshold()[0] > usual[0]) is only_ours
    assert gc.get_threshold()[1:] == usual[1:]
