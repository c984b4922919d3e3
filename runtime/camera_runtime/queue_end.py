"""Ends the traces of frames that a queue gave up: whoever is told of them says so, in traces and counts."""

from __future__ import annotations

from collections.abc import Iterable

from frame_tracking import Attribute, Outcome
from telemetry.tracer import FrameTracer

from camera_runtime.account import FrameAccount
from camera_runtime.transports.base import Dropped

__all__ = ["report_dropped"]


def report_dropped(dropped: Iterable[Dropped], tracer: FrameTracer, account: FrameAccount) -> None:
    """Record and count each of them."""
    for frame in dropped:
        ended = (Outcome.DROPPED, frame.reason)
        tracer.drop(frame.frame_id, frame.context, ended, {Attribute.STAGE_NAME: frame.hop})
        account.dropped(frame.frame_id, frame.context, frame.hop, frame.reason)
