"""Finds a stage's handler by its name: a built-in, or `module:attribute` of any installed module."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Final

from camera_runtime.stages.archive import Archive
from camera_runtime.stages.handler import Handler
from camera_runtime.stages.motion import Motion
from camera_runtime.stages.resize import Resize
from camera_runtime.stages.settings import InvalidSettingError

__all__ = ["BUILT_IN", "HandlerNotFoundError", "load_handler"]

BUILT_IN: Final[dict[str, Callable[[], Handler]]] = {"archive": Archive, "motion": Motion, "resize": Resize}


class HandlerNotFoundError(ValueError):
    """There is no such handler, or it cannot be used; the message says what to do."""


def load_handler(name: str) -> Handler:
    """Return the handler called `name`, made if it is a class.

    Raises:
        HandlerNotFoundError: if it cannot be imported, found, made or called.
    """
    found = BUILT_IN[name] if name in BUILT_IN else _import(name)
    if inspect.isclass(found):
        try:
            found = found()
        except InvalidSettingError as error:
            raise HandlerNotFoundError(f"handler {name!r}: {error}") from None
        except Exception as error:
            raise HandlerNotFoundError(f"handler {name!r} cannot be made: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise HandlerNotFoundError(f"handler {name!r} is {type(found).__name__}, which cannot be called")
    if inspect.iscoroutinefunction(found):
        raise HandlerNotFoundError(f"handler {name!r} is asynchronous; handlers are plain functions")
    return found


def _import(name: str) -> object:
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        known = ", ".join(sorted(BUILT_IN))
        raise HandlerNotFoundError(f"handler {name!r} is neither built in ({known}) nor of the form module:attribute")
    try:
        found: object = importlib.import_module(module_name)
    except Exception as error:
        raise HandlerNotFoundError(
            f"handler {name!r}: module {module_name!r} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise HandlerNotFoundError(f"handler {name!r}: {module_name!r} has no attribute {attribute!r}")
        found = getattr(found, part)
    return found
