"""CPU and memory of a container, in the shape of a Pod's."""

import re
from typing import Annotated, ClassVar

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.numbers import IntegerOrText
from frametrace_api.quantities import is_written_whole, value_of
from frametrace_api.rules import Rule, cel_text

__all__ = ["Quantity", "ResourceList", "Resources"]

_QUANTITY = r"^[0-9]{1,18}(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"


Quantity = Annotated[
    str, Field(max_length=bounds.MAX_QUANTITY, pattern=_QUANTITY), IntegerOrText(max_length=bounds.MAX_QUANTITY)
]
"""Kubernetes quantity, such as 500m, 2 or 512Mi."""

_SHARED = ("cpu", "memory", "ephemeral-storage")
_EXTENDED = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_OWN_PREFIXES = ("requests.", "kubernetes.io/")  # Kubernetes keeps these names to itself


def _is_named(kind: str) -> bool:
    extended = len(kind) <= bounds.MAX_LABEL_KEY and re.fullmatch(_EXTENDED, kind) is not None
    return kind in _SHARED or (extended and not kind.startswith(_OWN_PREFIXES) and ".kubernetes.io/" not in kind)


ResourceList = Annotated[
    dict[str, Quantity],
    Field(max_length=bounds.MAX_RESOURCE_KINDS),
    Rule(
        cel=f"self.all(kind, kind in {list(_SHARED)} || (kind.size() <= {bounds.MAX_LABEL_KEY} && kind.matches({cel_text(f'^(?:{_EXTENDED})$')}) && "
        "!kind.startsWith('requests.') && !kind.startsWith('kubernetes.io/') && !kind.contains('.kubernetes.io/')))",
        message="a resource is named as in a Pod: cpu, memory, ephemeral-storage, or an extended one such as nvidia.com/gpu",
        holds=lambda kinds: all(map(_is_named, kinds)),
    ),
    Rule(
        cel=f"self.all(kind, kind in {list(_SHARED)} || !isQuantity(string(self[kind])) || quantity(string(self[kind])).isInteger())",
        message="an extended resource such as nvidia.com/gpu is counted in whole numbers",
        holds=lambda kinds: all(kind in _SHARED or _is_whole(amount) for kind, amount in kinds.items()),
    ),
]
"""Quantities by name of the resource."""


def _is_whole(amount: str) -> bool:
    """As the API server's `isInteger` has it, which goes by how a quantity is written: "1000m", "2.0" and "0.5Ki" are none."""
    return is_written_whole(amount) and value_of(amount) < 2**63


class Resources(ApiModel):
    """CPU, memory and extended resources of a container."""

    requests: ResourceList | None = None
    """What the container is guaranteed, by resource: cpu, memory, ephemeral-storage, or an extended one such as nvidia.com/gpu. Left out: as limits."""
    limits: ResourceList | None = None
    """What the container may use at most, by resource. Left out: no limit."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="!has(self.requests) || !has(self.limits) || self.requests.all(kind, !(kind in self.limits) || "
            "quantity(string(self.requests[kind])).compareTo(quantity(string(self.limits[kind]))) <= 0)",
            message="a request must not be above the limit of the same resource; lower the request or raise the limit",
            holds=lambda resources: all(
                value_of(asked) <= value_of((resources.limits or {}).get(kind, asked))
                for kind, asked in (resources.requests or {}).items()
            ),
            field_path=".requests",
        ),
        Rule(
            cel=f"!has(self.requests) || self.requests.all(kind, kind in {list(_SHARED)} || (has(self.limits) && kind in self.limits && "
            "quantity(string(self.requests[kind])).compareTo(quantity(string(self.limits[kind]))) == 0))",
            message="an extended resource such as nvidia.com/gpu cannot be shared: give it the same number in limits",
            holds=lambda resources: all(
                kind in _SHARED
                or (kind in (resources.limits or {}) and value_of(asked) == value_of(resources.limits[kind]))
                for kind, asked in (resources.requests or {}).items()
            ),
            field_path=".limits",
        ),
    )
