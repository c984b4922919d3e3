"""What can be wrong with a camera: one closed list, so that metrics, the ledger and conditions use the same words.

Messages are written for people and never hold credentials: whoever raises has removed them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["Problem", "SourceError"]


class Problem(StrEnum):
    """Why no picture arrives; the label `reason` of the metric `frametrace_camera_errors`."""

    UNRESOLVABLE = "unresolvable"
    ADDRESS_DENIED = "address_denied"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    CREDENTIALS_MISSING = "credentials_missing"
    NOT_FOUND = "not_found"
    REDIRECTED = "redirected"
    SILENT = "silent"
    CLOSED = "closed"
    FROZEN = "frozen"
    INVALID_STREAM = "invalid_stream"
    INVALID_URL = "invalid_url"
    EXCESSIVE = "excessive"
    PACKET_LOSS = "packet_loss"
    CORRUPT = "corrupt"
    DECODER = "decoder"
    ENDED = "ended"

    @property
    def word(self) -> str:
        """The word of the resource's status for it."""
        return _WORDS[self]


_WORDS: Final = {
    Problem.UNRESOLVABLE: "Unreachable",
    Problem.ADDRESS_DENIED: "AddressDenied",
    Problem.UNREACHABLE: "Unreachable",
    Problem.TLS: "Unreachable",
    Problem.UNAUTHORIZED: "Unauthorized",
    Problem.CREDENTIALS_MISSING: "SecretMissing",
    Problem.NOT_FOUND: "NoStream",
    Problem.REDIRECTED: "Redirected",
    Problem.SILENT: "Frozen",
    Problem.CLOSED: "Unreachable",
    Problem.FROZEN: "Frozen",
    Problem.INVALID_STREAM: "NoStream",
    Problem.INVALID_URL: "NoStream",
    Problem.EXCESSIVE: "NoStream",
    Problem.PACKET_LOSS: "NoStream",
    Problem.CORRUPT: "NoStream",
    Problem.DECODER: "NoStream",
    Problem.ENDED: "NoStream",
}


class SourceError(Exception):
    """A source gave up; trying again later may help.

    Args:
        problem: what is wrong.
        detail: one line for people, without credentials.
    """

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
