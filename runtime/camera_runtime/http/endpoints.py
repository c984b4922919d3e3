"""What is answered on which path. Pure: the answers come from functions, the requests are paths.

`/healthz` asks whether this process's own loops turn: a camera or a broker that is away is no reason to restart it.
`/readyz` asks whether it does its work now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from camera_runtime.http.ledger_query import LedgerQuery, LedgerQueryError

__all__ = ["Answer", "Endpoints"]

_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `headers` come beside the usual ones."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of one process.

    Attributes:
        metrics: gives the metrics, in the form that `metrics_type` says.
        ledger: gives the ledger as JSON, with the range that is asked for, if one is.
        unhealthy: says what is stuck; empty while all is well.
        unready: says what is missing; empty while the process does its work.
        snapshot: gives the latest picture as JPEG, empty if there is none; None where pictures are not allowed.
    """

    metrics: Callable[[], bytes]
    metrics_type: str
    ledger: Callable[[LedgerQuery | None], bytes]
    unhealthy: Callable[[], str]
    unready: Callable[[], str]
    snapshot: Callable[[], bytes] | None = None

    def answer(self, path: str) -> Answer:
        """Answer a GET."""
        path, _, query = path.partition("?")
        routes: dict[str, Callable[[], Answer]] = {
            "/metrics": lambda: Answer(200, self.metrics_type, self.metrics()),
            "/ledger": lambda: self._ledger(query),
            "/healthz": lambda: _state(self.unhealthy()),
            "/readyz": lambda: _state(self.unready()),
            "/snapshot.jpg": self._snapshot,
        }
        route = routes.get(path)
        return route() if route else _text(404, "there is: " + " ".join(routes))

    def _ledger(self, query: str) -> Answer:
        try:
            return Answer(200, "application/json", self.ledger(LedgerQuery.read(query)))
        except LedgerQueryError as error:
            return _text(400, str(error))

    def _snapshot(self) -> Answer:
        if self.snapshot is None:
            return _text(403, "pictures are denied: spec.pictures.access of the pipeline is not Allowed")
        picture = self.snapshot()
        return Answer(200, "image/jpeg", picture) if picture else _text(503, "no picture has come yet")


def _state(wrong: str) -> Answer:
    return _text(503, wrong) if wrong else _text(200, "ok")


def _text(status: int, text: str) -> Answer:
    return Answer(status, _TEXT, f"{text}\n".encode())
