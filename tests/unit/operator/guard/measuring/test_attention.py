"""How many of a pipeline's frames are looked for, beside others that share one budget."""

from __future__ import annotations

from typing import Any

from frame_tracking import Topology
from frametrace_operator.guard.audit.shares import WHOLE
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.measuring.attention import Attention
from frametrace_operator.guard.measuring.lookups import Lookups
from frametrace_operator.guard.measuring.tools import Tools
from frametrace_operator.guard.measuring.watched import Watched

from tests.unit.operator.guard.measuring.test_lookups import Standing

WATCHED = Watched(frozenset(), Topology(), JaegerAt("http://jaeger"))


def attention(lookups: Lookups[int], key: int) -> Attention:
    unused: Any = None
    return Attention(
        Tools(
            jaegers=unused,
            clock=Standing(),
            read=unused,
            whole=WHOLE,
            share=lambda expected, close: lookups.share(key, expected, 30, suspect=close),
            take=lambda expected, close: lookups.take(key, expected, 30, suspect=close),
            probed=unused,
            changed=unused,
            first_start=unused,
            stagger=unused,
        ),
        lambda: WATCHED,
    )


def test_pipelines_without_traced_frames_leave_their_shares_to_the_others_also_while_their_windows_settle() -> None:
    clock = Standing()
    lookups = Lookups[int](clock, WHOLE)
    idle, busy = [attention(lookups, key) for key in range(99)], attention(lookups, 99)
    for each in idle:
        each.saw({"cam01": 0})
    busy.saw({"cam01": 900})
    clock.seconds += 60

    assert all(each.names() > 0 for each in idle), "some may come"
    clock.seconds += 60
    assert busy.take(900) == 900


def test_a_pipeline_of_which_nothing_is_known_yet_wants_its_share() -> None:
    clock = Standing()
    lookups = Lookups[int](clock, WHOLE)
    unknown = [attention(lookups, key) for key in range(100)]
    for each in unknown:
        each.names()
    clock.seconds += 60

    assert unknown[0].names() == 50
