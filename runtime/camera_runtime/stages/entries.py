"""Entries: which frames a stage's process has counted as entered, and which of them are its own now."""

from __future__ import annotations

from typing import Final

from frame_tracking import Arrival, FrameID

from camera_runtime.account import FrameAccount
from camera_runtime.transports.base import Delivery

__all__ = ["Entries"]

_KEPT: Final = 2048
"""More than a process may have begun and given back at a time."""


class Entries:
    """Counts each frame once as entered, however often it is handed out to this process. One thread at a time."""

    def __init__(self, account: FrameAccount) -> None:
        self._account = account
        self._own: dict[FrameID, bool] = {}

    def enter(self, delivery: Delivery) -> None:
        """Count a frame that came: also one that another process began, who may be dead and his counts with him."""
        frame_id = delivery.frame.frame_id
        own = self._own.get(frame_id)
        if own is None:
            self._account.entered(frame_id, delivery.context, context_lost=delivery.arrival is not Arrival.KEPT)
        elif not own:
            self._account.taken_back(frame_id, delivery.context)
        self._own[frame_id] = True
        if len(self._own) > _KEPT:
            del self._own[next(iter(self._own))]

    def give_back(self, frame_id: FrameID) -> None:
        """Count a frame that went back to the queue, or that another replica has finished."""
        own = self._own.get(frame_id)
        if own is False:
            return
        if own:
            self._own[frame_id] = False
        self._account.given_back(frame_id)  # also one that is not known any more: it would enter again
