"""What the operator makes of a pipeline, when and why: the second table of docs/reference/chart-resources.md.

Written by hand here; a test compares it with the manifests.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MADE", "Made", "table"]


@dataclass(frozen=True, slots=True)
class Made:
    """A kind of object that belongs to a pipeline.

    Attributes:
        kind: its kind.
        role: the last part of its name before the hash; a word in capitals stands for names of the spec.
        when: what of the spec makes it.
        why: what would not work without it.
    """

    kind: str
    role: str
    when: str
    why: str


MADE: tuple[Made, ...] = (
    Made("ConfigMap", "config", "always", "what captures and stages do, mounted into their pods"),
    Made("ConfigMap", "live", "always", "what may change without a restart: ratios of tracing, and whether it is in"),
    Made("NetworkPolicy", "network-ROLE", "for each role that has pods", "who may reach them, and whom they may reach; all else is denied"),
    Made("Service", "runtime", "always", "names of the captures' and stages' pods, for whoever asks for metrics or ledgers"),
    Made("PodMonitor", "monitor", "the cluster knows PodMonitors", "the Prometheus Operator has the pods' metrics read"),
    Made("Secret", "redis", "no `broker.external`", "the password of the Redis that the operator runs; made once, kept with the pipeline"),
    Made("Service", "redis", "no `broker.external`", "its address"),
    Made("Deployment", "redis", "no `broker.external`", "frames on their way from hop to hop, in memory"),
    Made("PersistentVolumeClaim", "jaeger", "`tracing.backend.managed.storage: Badger`", "traces outlive Jaeger's pod"),
    Made("ConfigMap", "jaeger", "no `tracing.backend.external`, and tracing is not `Disabled`", "settings of the Jaeger that the operator runs"),
    Made("Service", "jaeger", "no `tracing.backend.external`, and tracing is not `Disabled`", "its address, for spans and for questions"),
    Made("Deployment", "jaeger", "no `tracing.backend.external`, and tracing is not `Disabled`", "takes spans, keeps traces, answers the operator's audit"),
    Made("Service", "page", "`pictures.access: Allowed`, or the annotation `frametrace.dev/journey-page: Enabled`", "its address, for a port forward or an ingress of yours"),
    Made("Deployment", "page", "as above", "the journey page"),
    Made("Deployment", "STAGE", "for each of `stages`", "runs the handler, in `replicas` pods or as many as an autoscaler wants"),
    Made("Deployment", "CAMERA", "for each of `cameras`", "one pod holds the connection, decodes, and gives each frame its ID"),
)  # fmt: skip
"""In the order in which they are applied: what pods mount comes before pods."""


def table() -> str:
    """Return the table as Markdown."""
    rows = "".join(f"| {each.kind} | `…-{each.role}-…` | {each.when} | {each.why} |\n" for each in MADE)
    return f"| kind | name | made with | why |\n|---|---|---|---|\n{rows}"
