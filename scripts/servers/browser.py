"""Debian's Chromium, without a window, for tests and screenshots: it reaches loopback and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium"]

_ARGUMENTS = (
    "--no-sandbox",  # the tests run as root, in containers too
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-gpu",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; it ends on exit.

    Raises:
        RuntimeError: if it is not installed.
    """
    binary = shutil.which("chromium")
    if binary is None:
        raise RuntimeError("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
