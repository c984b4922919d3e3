"""What the pods of the managed Redis and Jaeger have in common, as values for their templates."""

from __future__ import annotations

from typing import Any, Final

from frametrace_operator.platform import Platform

__all__ = ["binary_quantity", "image_pull_secrets", "memory_resources"]

_UNITS: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi")
_UNIT: Final = 1024


def image_pull_secrets(platform: Platform) -> dict[str, Any]:
    """The cluster's pull secrets as fields of a pod's spec; none if there are none."""
    names = [{"name": name} for name in platform.image_pull_secrets]
    return {"imagePullSecrets": names} if names else {}


def memory_resources(limit: int) -> dict[str, Any]:
    """Resources of a server that fills up to `limit` bytes of memory, and asks for little of it while it is empty."""
    return {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": binary_quantity(limit)}}


def binary_quantity(number: int) -> str:
    """Bytes in the largest unit that keeps them whole, as the API server writes them back: 1536Mi, 2Gi."""
    power = 0
    while power < len(_UNITS) - 1 and number % _UNIT == 0:
        number //= _UNIT
        power += 1
    return f"{number}{_UNITS[power]}"
