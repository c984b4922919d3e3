"""The pictures of the journey page that the documentation shows: of which view each is, and how it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from frame_tracking import FrameID
from playwright.sync_api import Browser

__all__ = ["IMAGES", "SHOTS", "Shot", "take"]

IMAGES: Final = Path(__file__).resolve().parents[2] / "docs" / "images"
_GONE: Final = "gone"
_NEWEST: Final = "newest"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture.

    Attributes:
        name: of its file, behind `journey-page-`.
        heading: what the view has as its last heading of the second level: another view would be another picture.
        frame: whose view it is; empty for the list.
        opened: whether a span's attributes are unfolded.
    """

    name: str
    heading: str
    frame: str = ""
    opened: bool = False
    width: int = 1100
    scheme: Literal["light", "dark"] = "light"

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return IMAGES / f"journey-page-{self.name}.png"

    @property
    def height(self) -> int:
        """In pixels."""
        return 1100 if self.opened else 860


SHOTS: Final = (
    Shot("journey", "Journey", _NEWEST, opened=True),
    Shot("dark", "Journey", _NEWEST, scheme="dark"),
    Shot("small", "Journey", _NEWEST, width=390),
    Shot("frames", "Newest frames"),
    Shot("missing", "What can have become of it", _GONE),
)


def take(browser: Browser, url: str, frame: FrameID, folder: Path) -> Iterator[Path]:
    """Take all pictures of a page that has `frame`; yields each file.

    Raises:
        LookupError: a view has not the heading that it should have.
    """
    gone = FrameID.build(frame.time, frame.camera, str(frame.session), frame.sequence + 1)
    queries = {"": "", _NEWEST: f"?q={frame}", _GONE: f"?q={gone}"}
    for shot in SHOTS:
        yield _taken(browser, f"{url}/{queries[shot.frame]}", shot, folder / shot.path.name)


def _taken(browser: Browser, url: str, shot: Shot, path: Path) -> Path:
    page = browser.new_page(viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme)
    try:
        page.goto(url)
        if not page.get_by_role("heading", name=shot.heading).count():
            raise LookupError(f"{shot.name}: there is no heading {shot.heading!r}")
        if shot.opened:
            page.locator("ol.waterfall summary").nth(4).click()
            page.evaluate("() => window.scrollTo(0, 0)")
        page.screenshot(path=path)
    finally:
        page.close()
    return path
