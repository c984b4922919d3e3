"""What the journey page answers on which path. Every link is relative, so that it works below any path of a proxy.

Nothing can be changed through it: it answers GET, looks up and renders.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import structlog
from frame_tracking import FrameID, FrameQuery, InvalidFrameIDError, InvalidFrameQueryError, Journey, JourneyView
from frametrace_api.contract import LiveContract, PipelineRef

from camera_runtime.http.endpoints import Answer
from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError
from camera_runtime.page.frames import Frames
from camera_runtime.page.lookup import Lookup
from camera_runtime.page.pictures import Pictures, PictureState
from camera_runtime.page.render import HEADERS, asset, html
from camera_runtime.page.request import BadRequestError, Order, PageRequest
from camera_runtime.page.shown import WIDTH, bars_of, row_of

__all__ = ["ROWS", "SLOW_OF", "Site", "refuse_foreign_names"]

_LOG = structlog.get_logger(__name__)
ROWS: Final = 50
"""Frames of a list."""
SLOW_OF: Final = 250
"""Frames of which the slowest are shown."""
_AT_ONCE: Final = 2
"""Pages that are made at once: each may hold a few MB of traces."""
_TURN_SECONDS: Final = 20.0
_LONGEST_LOGGED: Final = 300
_FAULT: Final = "This page could not be made: a fault of Frametrace, which the log of the journey page's pod tells."
_HTML: Final = "text/html; charset=utf-8"
_ASSETS: Final = {"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
_OWN_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]", ""})


class Site:
    """The page of one pipeline."""

    def __init__(
        self,
        pipeline: PipelineRef,
        lookup: Lookup,
        frames: Frames,
        pictures: Pictures,
        live: Callable[[], LiveContract],
    ) -> None:
        self._pipeline, self._lookup, self._frames = pipeline, lookup, frames
        self._pictures, self._live = pictures, live
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def answer(self, path: str) -> Answer:
        """Answer a GET."""
        try:
            return self._answer(path)
        except Exception:  # noqa: BLE001 - one page that cannot be made is no reason to leave a browser without an answer
            _LOG.exception("a page could not be made", path=path[:_LONGEST_LOGGED])
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT)

    def _answer(self, path: str) -> Answer:
        path, _, query = path.partition("?")
        if path in ("/healthz", "/readyz"):
            return _plain(HTTPStatus.OK, "ok")
        if path in _ASSETS:
            return Answer(HTTPStatus.OK, _ASSETS[path], asset(path.removeprefix("/")), HEADERS)
        if path == "/picture.jpg":
            return self._picture(query)
        if path == "/":
            return self._page(query)
        return self._problem(HTTPStatus.NOT_FOUND, "There is no such page.")

    def _page(self, query: str) -> Answer:
        try:
            wanted = PageRequest.read(query)
        except BadRequestError as error:
            return self._problem(HTTPStatus.BAD_REQUEST, _sentence(error))
        if not self._turns.acquire(timeout=_TURN_SECONDS):
            return self._problem(HTTPStatus.SERVICE_UNAVAILABLE, "Too many look at this page now; try again.", wanted)
        try:
            return self._found(wanted) if wanted.frame else self._list(wanted)
        except InvalidFrameQueryError as error:
            return self._problem(HTTPStatus.BAD_REQUEST, _sentence(error), wanted)
        except AnswerTooLargeError as error:
            message = f"{_sentence(error)} Look for a longer part of the ID, or a whole one."
            return self._problem(HTTPStatus.SERVICE_UNAVAILABLE, message, wanted)
        except JaegerUnavailableError as error:
            return self._problem(HTTPStatus.SERVICE_UNAVAILABLE, _sentence(error), wanted)
        finally:
            self._turns.release()

    def _found(self, wanted: PageRequest) -> Answer:
        query = FrameQuery.parse(wanted.frame)
        if query.exact is not None:
            return self._frame(query.exact, wanted)
        matches = self._lookup.matches(query, ROWS)
        rows = self._rows(matches.journeys)
        status = HTTPStatus.OK if rows else HTTPStatus.NOT_FOUND
        return self._html(status, "matches", wanted, rows=rows, matches=matches, hint=query.hint)

    def _frame(self, frame_id: FrameID, wanted: PageRequest) -> Answer:
        found = self._lookup.frame(frame_id)
        shown: dict[str, Any] = {"found": found, "frame_id": frame_id, "kept": found.picture.state is PictureState.KEPT}
        if found.view is None:
            status = HTTPStatus.SERVICE_UNAVAILABLE if found.trouble else HTTPStatus.NOT_FOUND
            return self._html(status, "unseen", wanted, **shown)
        bars, more = bars_of(found.view.journey)
        row = row_of(found.view, found.view.journey.duration_us, self._lookup.now())
        return self._html(HTTPStatus.OK, "journey", wanted, **shown, view=found.view, bars=bars, more=more, row=row)

    def _list(self, wanted: PageRequest) -> Answer:
        slowest = wanted.order is Order.SLOWEST
        listed = self._frames.newest(SLOW_OF if slowest else ROWS, wanted.camera, wanted.before)
        of = len(listed.journeys)
        journeys = listed.journeys
        if slowest:
            journeys = tuple(sorted(journeys, key=lambda each: each.duration_us, reverse=True)[:ROWS])
        rows = self._rows(journeys)
        older = wanted.link(before=str(listed.older)) if listed.older else ""
        looked = listed.looked
        return self._html(
            HTTPStatus.OK, "frames", wanted, rows=rows, of=of, older=older, slowest=slowest, looked=looked
        )

    def _rows(self, journeys: tuple[Journey, ...]) -> list[Any]:
        longest = max((journey.duration_us for journey in journeys), default=1)
        views = (JourneyView.of(journey, self._lookup.topology_of(journey)) for journey in journeys if journey.spans)
        return [row_of(view, longest, self._lookup.now()) for view in views]

    def _picture(self, query: str) -> Answer:
        try:
            frame_id = FrameID(PageRequest.read(query).frame)
        except (BadRequestError, InvalidFrameIDError) as error:
            return _plain(HTTPStatus.BAD_REQUEST, _sentence(error))
        picture = self._pictures.look(frame_id)
        if picture.state is PictureState.KEPT:
            return Answer(HTTPStatus.OK, "image/jpeg", picture.content, HEADERS)
        return _plain(_PICTURE_STATUS.get(picture.state, HTTPStatus.NOT_FOUND), picture.why)

    def _problem(self, status: HTTPStatus, message: str, wanted: PageRequest | None = None) -> Answer:
        return self._html(status, "problem", wanted or PageRequest(), message=message)

    def _html(self, status: HTTPStatus, template: str, wanted: PageRequest, **values: Any) -> Answer:
        live = self._live()
        body = html(
            template,
            pipeline=self._pipeline,
            cameras=live.cameras,
            orders=tuple(Order),
            tracing=live.tracing,
            wanted=wanted,
            width=WIDTH,
            **values,
        )
        return Answer(status, _HTML, body, HEADERS)


_PICTURE_STATUS: Final = {
    PictureState.DENIED: HTTPStatus.FORBIDDEN,
    PictureState.UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


def refuse_foreign_names(peer: str, host: str) -> Answer | None:
    """Refuse a request that comes through a port forward and names another host.

    A port forward makes the page a server of somebody's own machine. A hostile site can let its name point there, and would
    then be allowed, by the browser, to read what it answers.
    """
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if peer not in _LOOPBACK or name.lower() in _OWN_NAMES:
        return None
    _LOG.warning("a request for another host was refused", host=host[:100])
    return _plain(HTTPStatus.MISDIRECTED_REQUEST, "Open this page as localhost.")


def _plain(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", f"{text}\n".encode("utf-8", "replace"), HEADERS)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
