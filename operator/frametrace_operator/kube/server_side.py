"""What an API server makes of a change beside merging fields, for the cluster in memory. Pure."""

from typing import Any, Final

from frametrace_operator.errors import ActionNeededError
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import DEPLOYMENT, Kind

__all__ = ["admitted", "patched"]

_ROLLING: Final = {"maxSurge": "25%", "maxUnavailable": "25%"}


def patched(live: Any, change: Any) -> Any:
    """The value after a JSON merge patch (RFC 7386): null takes a key away, and a list is one value."""
    if not isinstance(change, dict):
        return change
    before = live if isinstance(live, dict) else {}
    new = {key: patched(before.get(key), value) for key, value in change.items() if value is not None}
    return {key: value for key, value in before.items() if key not in change} | new


def admitted(kind: Kind, body: Object) -> Object:
    """The object with what the server adds to a Deployment's strategy; no other default matters here.

    Raises:
        ActionNeededError: if the strategy contradicts itself.
    """
    strategy = (body.get("spec") or {}).get("strategy")
    if kind != DEPLOYMENT or not strategy:
        return body
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") != "Recreate":
        defaulted = {"type": "RollingUpdate", "rollingUpdate": _ROLLING | (rolling or {})}
        return body | {"spec": body["spec"] | {"strategy": defaulted}}
    if rolling is not None:
        raise ActionNeededError(
            "ApplyRefused",
            f"Deployment {body['metadata']['name']}: spec.strategy.rollingUpdate: Forbidden: "
            "may not be specified when strategy `type` is 'Recreate'",
        )
    return body
