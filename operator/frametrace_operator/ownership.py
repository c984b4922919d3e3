"""Ownership: whose an object is that stands in the cluster. Pure. Must not know what is to be written.

A live object that somebody else owns is a conflict, and is never adopted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frametrace_operator.kube.base import FIELD_MANAGER
from frametrace_operator.manifests import Child
from frametrace_operator.observation import Observation

__all__ = ["Conflict", "conflicts", "is_controlled_by"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A child under whose name stands somebody else's object."""

    child: Child
    owner: str


def conflicts(observation: Observation, wanted: tuple[Child, ...]) -> tuple[Conflict, ...]:
    """The wanted children that cannot be written, as what stands there is not the pipeline's."""
    standing = [(child, observation.live[child.key]) for child in wanted if child.key in observation.live]
    return tuple(Conflict(child, _owner(body)) for child, body in standing if not _is_ours(body, observation.uid))


def is_controlled_by(body: Mapping[str, Any], uid: str) -> bool:
    """Whether the object's controller is the pipeline of this UID."""
    controller = _controller(body)
    return controller is not None and controller.get("uid") == uid


def _is_ours(body: Mapping[str, Any], uid: str) -> bool:
    """Whether the pipeline controls the object. Without any controller, what we applied ourselves is still ours."""
    if _controller(body) is not None:
        return is_controlled_by(body, uid)
    managers = {entry.get("manager") for entry in body["metadata"].get("managedFields") or ()}
    return FIELD_MANAGER in managers


def _controller(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    owners = body["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), None)


def _owner(body: Mapping[str, Any]) -> str:
    controller = _controller(body)
    return f"{controller['kind']} {controller['name']}" if controller else "somebody else"
