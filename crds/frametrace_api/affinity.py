"""Where pods may run relative to nodes and other pods, in the shape of a Pod's `affinity`, with bounds."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.lists import Listed
from frametrace_api.numbers import Between
from frametrace_api.rules import Rule
from frametrace_api.scalars import LabelKey, LabelValue, NamespaceName

__all__ = [
    "Affinity",
    "LabelSelector",
    "LabelSelectorRequirement",
    "NodeAffinity",
    "NodeSelector",
    "NodeSelectorRequirement",
    "NodeSelectorTerm",
    "PodAffinity",
    "PodAffinityTerm",
    "PreferredSchedulingTerm",
    "WeightedPodAffinityTerm",
]

_terms = Listed(at_most=bounds.MAX_AFFINITY_TERMS)
_expressions = Listed(at_most=bounds.MAX_AFFINITY_EXPRESSIONS)
_names = Listed(at_most=bounds.MAX_AFFINITY_VALUES)
Weight = Annotated[int, Between(1, 100)]


class SelectorOperator(StrEnum):
    """How a pod's label is compared."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class NodeOperator(StrEnum):
    """How a node's label is compared."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GT = "Gt"
    LT = "Lt"


_fitting_values = Rule(
    cel="self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : "
    "self.operator in ['Gt', 'Lt'] ? has(self.values) && self.values.size() == 1 : !has(self.values) || self.values.size() == 0",
    message="In and NotIn need values, Gt and Lt one whole number, Exists and DoesNotExist none",
    holds=lambda comparison: {
        "In": len(comparison.values) > 0,
        "NotIn": len(comparison.values) > 0,
        "Gt": len(comparison.values) == 1,
        "Lt": len(comparison.values) == 1,
    }.get(comparison.operator, not comparison.values),
    field_path=".values",
)


class NodeSelectorRequirement(ApiModel):
    """One comparison with a node's label."""

    key: LabelKey
    """Label of the node."""
    operator: NodeOperator
    """In, NotIn, Exists, DoesNotExist, Gt or Lt."""
    values: Annotated[tuple[LabelValue, ...], _names] = ()
    """Values for In and NotIn; one whole number for Gt and Lt; none for Exists and DoesNotExist."""

    rules: ClassVar[tuple[Rule, ...]] = (_fitting_values,)


class NodeSelectorTerm(ApiModel):
    """Comparisons that must all hold."""

    match_expressions: Annotated[tuple[NodeSelectorRequirement, ...], _expressions] = ()
    """Comparisons with the node's labels."""
    match_fields: Annotated[tuple[NodeSelectorRequirement, ...], _expressions] = ()
    """Comparisons with the node's fields, such as metadata.name."""


class NodeSelector(ApiModel):
    """Terms of which one must hold."""

    model_config = ConfigDict(json_schema_extra={"x-kubernetes-map-type": "atomic"})

    node_selector_terms: Annotated[tuple[NodeSelectorTerm, ...], Listed(at_most=bounds.MAX_AFFINITY_TERMS, at_least=1)]
    """Terms of which one must hold."""


class PreferredSchedulingTerm(ApiModel):
    """A preference among nodes."""

    weight: Weight
    """Weight of the preference, 1 to 100."""
    preference: NodeSelectorTerm
    """Which nodes are preferred."""


class NodeAffinity(ApiModel):
    """Which nodes."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    """Nodes on which alone the pod may be started."""
    preferred_during_scheduling_ignored_during_execution: Annotated[tuple[PreferredSchedulingTerm, ...], _terms] = ()
    """Nodes that are taken rather than others."""


class LabelSelectorRequirement(ApiModel):
    """One comparison with a pod's label."""

    key: LabelKey
    """Label of the pods."""
    operator: SelectorOperator
    """In, NotIn, Exists or DoesNotExist."""
    values: Annotated[tuple[LabelValue, ...], _names] = ()
    """Values for In and NotIn; none for Exists and DoesNotExist."""

    rules: ClassVar[tuple[Rule, ...]] = (_fitting_values,)


class LabelSelector(ApiModel):
    """Pods or namespaces by their labels."""

    model_config = ConfigDict(json_schema_extra={"x-kubernetes-map-type": "atomic"})

    match_labels: Annotated[dict[str, LabelValue], Field(max_length=bounds.MAX_NODE_SELECTOR)] = Field(
        default_factory=dict
    )
    """Labels that must all be there."""
    match_expressions: Annotated[tuple[LabelSelectorRequirement, ...], _expressions] = ()
    """Comparisons that must all hold."""


class PodAffinityTerm(ApiModel):
    """Other pods, and how near."""

    topology_key: LabelKey
    """Label of the nodes that says what near is, such as kubernetes.io/hostname."""
    label_selector: LabelSelector | None = None
    """Which other pods. Left out: none."""
    namespaces: Annotated[tuple[NamespaceName, ...], _names] = ()
    """Namespaces of the other pods. Left out: the pipeline's own."""
    namespace_selector: LabelSelector | None = None
    """Namespaces of the other pods by their labels. Left out: none beside namespaces."""
    match_label_keys: Annotated[tuple[LabelKey, ...], _names] = ()
    """Labels whose values must equal those of the pod itself."""
    mismatch_label_keys: Annotated[tuple[LabelKey, ...], _names] = ()
    """Labels whose values must differ from those of the pod itself."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="has(self.labelSelector) || !(has(self.matchLabelKeys) && self.matchLabelKeys.size() > 0) && !(has(self.mismatchLabelKeys) && self.mismatchLabelKeys.size() > 0)",
            message="matchLabelKeys and mismatchLabelKeys narrow a labelSelector; set one",
            holds=lambda term: (
                term.label_selector is not None or not (term.match_label_keys or term.mismatch_label_keys)
            ),
            field_path=".labelSelector",
        ),
    )


class WeightedPodAffinityTerm(ApiModel):
    """A preference relative to other pods."""

    weight: Weight
    """Weight of the preference, 1 to 100."""
    pod_affinity_term: PodAffinityTerm
    """Other pods, and how near."""


class PodAffinity(ApiModel):
    """Nearness to other pods, or distance from them."""

    required_during_scheduling_ignored_during_execution: Annotated[tuple[PodAffinityTerm, ...], _terms] = ()
    """What must hold when the pod is started."""
    preferred_during_scheduling_ignored_during_execution: Annotated[tuple[WeightedPodAffinityTerm, ...], _terms] = ()
    """What is taken rather than the rest."""


class Affinity(ApiModel):
    """Which nodes and neighbours."""

    node_affinity: NodeAffinity | None = None
    """Which nodes the pods run on."""
    pod_affinity: PodAffinity | None = None
    """Which pods they run beside."""
    pod_anti_affinity: PodAffinity | None = None
    """Which pods they keep away from."""
