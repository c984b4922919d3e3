"""CPU and memory of a container, in the shape of a Pod's."""

from typing import Annotated, ClassVar

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.numbers import IntegerOrText
from frametrace_api.quantities import value_of
from frametrace_api.rules import Rule

__all__ = ["Quantity", "ResourceList", "Resources"]

_QUANTITY = r"^[0-9]{1,18}(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"


Quantity = Annotated[
    str, Field(max_length=bounds.MAX_QUANTITY, pattern=_QUANTITY), IntegerOrText(max_length=bounds.MAX_QUANTITY)
]
"""Kubernetes quantity, such as 500m, 2 or 512Mi."""

ResourceList = Annotated[
    dict[str, Quantity],
    Field(max_length=bounds.MAX_RESOURCE_KINDS),
    Rule(
        cel=f"self.all(kind, kind.size() > 0 && kind.size() <= {bounds.MAX_LABEL_KEY})",
        message="a resource is named as in a Pod: cpu, memory, ephemeral-storage, or an extended one such as nvidia.com/gpu",
        holds=lambda kinds: all(0 < len(kind) <= bounds.MAX_LABEL_KEY for kind in kinds),
    ),
]
"""Quantities by name of the resource."""


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
    )
