"""What a pipeline's owner may set on its pods: placement, pull secrets, environment. Must not know which pods."""

import re
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.affinity import Affinity
from frametrace_api.base import ApiModel
from frametrace_api.environment import EnvList
from frametrace_api.lists import Listed
from frametrace_api.numbers import Between
from frametrace_api.references import LocalObjectReference
from frametrace_api.rules import Rule, cel_text
from frametrace_api.scalars import LABEL_KEY_BODY, LabelKey, LabelValue
from frametrace_api.volumes import Volume

__all__ = ["PodSettings", "TaintEffect", "Toleration", "TolerationOperator"]


class TolerationOperator(StrEnum):
    """How a taint is compared."""

    EXISTS = "Exists"
    EQUAL = "Equal"


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Toleration(ApiModel):
    """A taint that the pods put up with."""

    key: LabelKey | None = None
    """Key of the taint. Left out: every taint (operator must be Exists)."""
    operator: TolerationOperator | None = None
    """Exists, or Equal (the value must be the same). Left out: Equal."""
    value: LabelValue | None = None
    """Value of the taint, for Equal. Left out: empty."""
    effect: TaintEffect | None = None
    """Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Left out: all of them."""
    toleration_seconds: Annotated[int, Between(0, 2**31 - 1)] | None = None
    """Seconds that the pod stays on a node with a NoExecute taint. Left out: for ever."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="has(self.key) || (has(self.operator) && self.operator == 'Exists')",
            message="a toleration without a key tolerates every taint and needs operator Exists; set key or operator",
            holds=lambda toleration: toleration.key is not None or toleration.operator is TolerationOperator.EXISTS,
            field_path=".operator",
        ),
        Rule(
            cel="!has(self.value) || self.value == '' || !has(self.operator) || self.operator != 'Exists'",
            message="operator Exists compares no value; remove value or use operator Equal",
            holds=lambda toleration: not toleration.value or toleration.operator is not TolerationOperator.EXISTS,
            field_path=".value",
        ),
        Rule(
            cel="!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
            message="tolerationSeconds works only with effect NoExecute; set the effect or remove tolerationSeconds",
            holds=lambda toleration: (
                toleration.toleration_seconds is None or toleration.effect is TaintEffect.NO_EXECUTE
            ),
            field_path=".tolerationSeconds",
        ),
    )


_label_keys = Rule(
    cel=f"self.all(key, key.size() <= {bounds.MAX_LABEL_KEY} && key.matches({cel_text(f'^(?:{LABEL_KEY_BODY})$')}))",
    message="a node label's key is a label key, such as kubernetes.io/hostname",
    holds=lambda labels: all(
        len(key) <= bounds.MAX_LABEL_KEY and re.fullmatch(LABEL_KEY_BODY, key) is not None for key in labels
    ),
)


class PodSettings(ApiModel):
    """Settings of pods."""

    node_selector: Annotated[dict[str, LabelValue], Field(max_length=bounds.MAX_NODE_SELECTOR), _label_keys] = Field(
        default_factory=dict
    )
    """Labels that a node must have for the pods to run on it. Left out: any node."""
    tolerations: Annotated[tuple[Toleration, ...], Listed(at_most=bounds.MAX_TOLERATIONS)] = ()
    """Taints of nodes that the pods put up with. Left out: none beside Kubernetes' own."""
    affinity: Affinity | None = None
    """Which nodes and neighbours the pods need or prefer. Left out: any."""
    image_pull_secrets: Annotated[
        tuple[LocalObjectReference, ...], Listed(at_most=bounds.MAX_PULL_SECRETS, key="name")
    ] = ()
    """Secrets with the credentials of image registries. Left out: the chart's."""
    env: EnvList = ()
    """Environment variables of the pods' main container. Left out: only the operator's."""
    volumes: Annotated[tuple[Volume, ...], Listed(at_most=bounds.MAX_VOLUMES, key="mount_path")] = ()
    """Directories of the pods' main container that can be written to, or that outlive the pod. Left out: only /tmp, which goes with the pod."""
