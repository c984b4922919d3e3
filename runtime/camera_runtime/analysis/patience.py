"""How long a server is waited for that stops to answer. Pure but for the waiting that it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError

__all__ = ["Patience"]

_WAITS: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try."""

T = TypeVar("T")


class Patience:
    """Some tries in a row after an answer; a server that never answered is not waited for: its address may be wrong.

    Args:
        wait: lets so many seconds pass.
    """

    def __init__(self, wait: Callable[[float], None]) -> None:
        self._wait = wait
        self._lost = len(_WAITS)

    def renew(self) -> None:
        """Take note of an answer."""
        self._lost = 0

    def lose(self, error: JaegerUnavailableError) -> None:
        """Wait before another try.

        Raises:
            JaegerUnavailableError: the error that is given, if there were enough of them.
        """
        if self._lost >= len(_WAITS):
            raise error
        self._wait(_WAITS[self._lost])
        self._lost += 1

    def ask(self, question: Callable[[], T]) -> T:
        """Ask until there is an answer.

        Raises:
            AnswerTooLargeError: if it is too large, which it stays.
            JaegerUnavailableError: if none comes.
        """
        while True:
            try:
                answer = question()
            except AnswerTooLargeError:
                raise
            except JaegerUnavailableError as error:
                self.lose(error)
            else:
                self.renew()
                return answer
