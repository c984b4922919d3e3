"""Pipeline: one CameraPipeline as the operator sees it, read and validated once at the boundary.

Knows the custom resource's models. Must not know the cluster, nor what is made of a pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from frametrace_api.bounds import MAX_PIPELINE_NAME
from frametrace_api.rules import STORED
from frametrace_api.spec import CameraPipelineSpec
from pydantic import ValidationError

from frametrace_operator.suspension import mode_of

__all__ = ["InvalidPipelineError", "Pipeline"]

_NAME: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


class InvalidPipelineError(ValueError):
    """A custom resource that cannot be carried out as it is written; its owner must act.

    The text names the field of the first problem and the reason, and how many more there are. It never repeats a
    refused value, which may hold a password.

    Attributes:
        problems: all problems as "field: reason", in the order of the resource.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One custom resource.

    Attributes:
        uid: makes the names of its children differ from those of any other pipeline, earlier ones of its name included.
        generation: counts the changes of `spec`.
        annotations: those of the resource; a person steers by some of them.
        spec: what is to be carried out: `mode` is Suspended also where the annotation asks for it.
    """

    namespace: str
    name: str
    uid: str
    generation: int
    annotations: Mapping[str, str]
    spec: CameraPipelineSpec

    @classmethod
    def from_object(cls, obj: Mapping[str, Any]) -> Pipeline:
        """Read a custom resource as the API server gives it. Fields of a newer schema are left aside (ADR 3).

        Raises:
            InvalidPipelineError: if its name or its spec does not validate.
        """
        metadata = obj["metadata"]
        name = str(metadata["name"])
        if len(name) > MAX_PIPELINE_NAME or not _NAME.fullmatch(name):
            raise InvalidPipelineError((_name_problem(),))
        annotations, spec = dict(metadata.get("annotations") or {}), _spec_of(obj)
        return cls(
            namespace=metadata["namespace"],
            name=name,
            uid=metadata["uid"],
            generation=metadata.get("generation", 0),
            annotations=annotations,
            spec=spec.model_copy(update={"mode": mode_of(spec.mode, annotations)}),
        )


def _spec_of(obj: Mapping[str, Any]) -> CameraPipelineSpec:
    try:
        return CameraPipelineSpec.model_validate(obj.get("spec") or {}, extra="ignore", context=STORED)
    except ValidationError as error:
        raise InvalidPipelineError(_problems(error)) from None  # the original may show what was refused


def _problems(error: ValidationError) -> tuple[str, ...]:
    """One line a problem: the field as people write it, then the reason."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(f"{_path(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}" for problem in found)


def _path(location: tuple[str | int, ...]) -> str:
    """The field as `kubectl explain` and the API server's own errors write it, such as spec.cameras[0].id."""
    return "spec" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


def _name_problem() -> str:
    return (
        "metadata.name: must be lower-case letters, digits and hyphens, beginning with a letter, "
        f"of at most {MAX_PIPELINE_NAME} characters"
    )
