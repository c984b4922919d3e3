"""Reads a CameraPipeline from a file, as `kubectl apply -f` would take it, and says what is wrong in the same words.

Where files may be captured (`frametrace run`), a camera's URL may also be `file://…`, or a path seen from that file: the API
server refuses those, so they are taken out before the check and kept beside the resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from frametrace_api.group import API_VERSION, KIND
from frametrace_api.pipeline import CameraPipeline
from pydantic import ValidationError
from telemetry import redact

from camera_runtime.cli.exits import CommandError, Exit

__all__ = ["LoadedPipeline", "read_pipeline"]

_LARGEST: Final = 3_000_000
"""Bytes; etcd takes no larger object."""
_MOST_SHOWN: Final = 64
_FIELD: Final = re.compile(r"([a-zA-Z]+(?:\.[a-zA-Z]+)*): ")
_STAND_IN: Final = "test://"
_SECRETIVE: Final = ("url", "subUrl", "value")


@dataclass(frozen=True, slots=True)
class LoadedPipeline:
    """A pipeline from a file.

    Attributes:
        files: `file://` URLs of what cameras capture that is a file, by the camera's ID.
    """

    pipeline: CameraPipeline
    files: Mapping[str, str]


def read_pipeline(path: Path, *, allow_files: bool = False) -> LoadedPipeline:
    """Read the one CameraPipeline of a file, which may hold other documents too.

    Raises:
        CommandError: if there is none, or the API server would refuse it.
    """
    body = deepcopy(_document(path))
    files = dict(_take_files(body, path.absolute().parent)) if allow_files else {}
    try:
        return LoadedPipeline(CameraPipeline.model_validate(body), files)
    except ValidationError as error:
        raise CommandError(f"{path}: {'; '.join(_complaints(error))}", Exit.INVALID) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
        documents = list(yaml.safe_load_all(content)) if len(content) <= _LARGEST else []
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}", Exit.INVALID) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise CommandError(f"{path} is no YAML{place}: {getattr(error, 'problem', error)}", Exit.INVALID) from None
    found = [each for each in documents if isinstance(each, dict) and each.get("kind") == KIND]
    if len(found) != 1:
        raise CommandError(f"{path} holds {len(found)} {KIND} resources ({API_VERSION}), not one", Exit.INVALID)
    return found[0]


def _take_files(body: dict[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
    """Put a stand-in in place of files that cameras capture; yield their URLs by camera, paths being seen from `folder`."""
    spec = body.get("spec")
    cameras = spec.get("cameras") if isinstance(spec, dict) else None
    for camera in cameras if isinstance(cameras, list) else ():
        source = camera.get("source") if isinstance(camera, dict) else None
        url = source.get("url") if isinstance(source, dict) else None
        if isinstance(source, dict) and isinstance(url, str) and url and (url.startswith("file:") or "://" not in url):
            source["url"] = _STAND_IN
            yield str(camera.get("id")), url if url.startswith("file:") else (folder / url).as_uri()


def _complaints(error: ValidationError) -> Iterator[str]:
    """Yield for each wrong field its path, what is wrong, and its value where that can be no secret."""
    for each in error.errors(include_url=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"]).removeprefix(".")
        said = each["msg"].removeprefix("Value error, ")
        value = each.get("input")
        match each["type"]:
            case "missing":
                yield f"{place}: Required value"
                continue
            case "extra_forbidden":
                yield f"unknown field {place}"
                continue
            case "enum" | "literal_error":
                said = f"Unsupported value: supported values: {each['ctx']['expected']}"
        if inner := _FIELD.match(said):
            place, said = f"{place}.{inner[1]}", said[inner.end() :]
        yield f"{place or 'the resource'}: {said}{_shown(value, place)}"


def _shown(value: object, place: str) -> str:
    """Return a scalar that was refused; an address may hold a password, and is not shown."""
    if place.rpartition(".")[2] in _SECRETIVE or not isinstance(value, str | int | float | bool):
        return ""
    text = str(value)
    if len(text) > _MOST_SHOWN or "@" in text or redact(text) != text:
        return ""
    return f"; got {text!r}"
