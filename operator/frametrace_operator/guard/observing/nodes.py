"""Nodes: whether the managed Jaeger's node is down or cut off, without a right to look at nodes. Pure.

The pipeline's own pods on the node tell at once: none of them answers. Where there are none, Kubernetes is waited for. It
calls a node lost after 40 to 50 s without a word, and its pods not ready then, though their containers were when they were
last heard of. A Jaeger that hangs on a node that is well looks otherwise: the kubelet there calls its container not ready,
after 15 s, or its pod stays ready for longer than Kubernetes needs for a node.
"""

from typing import Final

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.deciding.judge import PROBES
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView

__all__ = ["HELD_PROBES", "lost_node"]

HELD_PROBES: Final = 12
"""Failed probes in a row, 5 s apart, until Kubernetes has had time to judge a node of which nobody else tells.

Fewer than are a verdict are not held: an excuse for each probe that fails alone would hide any loss, window after window.
"""


def lost_node(facts: Facts, failed: int) -> str:
    """Why the node of a managed Jaeger is taken for lost, a sentence; empty if it is not.

    Args:
        facts: the look.
        failed: probes in a row that Jaeger failed. No node is an excuse for one that answers.
    """
    if not failed or facts.trouble(Role.JAEGER) is not None:
        return ""
    running = [pod for pod in facts.pods(Role.JAEGER) if pod.running and pod.node]
    return next(filter(None, (_told(facts.seen, pod, failed) for pod in running)), "")


def _told(seen: Observation, jaeger: PodView, failed: int) -> str:
    others = [
        pod for pod in seen.pods if pod.node == jaeger.node and pod.role in (Role.CAPTURE, Role.STAGE) and pod.running
    ]
    if any(pod.uid not in seen.flow.unreadable for pod in others):
        return ""
    if others:
        return f"node {jaeger.node} is down or cut off: none of the pipeline's pods there answers"
    if jaeger.out_of_touch:
        return f"node {jaeger.node} is down or cut off: Kubernetes does not hear from it"
    if jaeger.ready and PROBES <= failed <= HELD_PROBES:
        return f"node {jaeger.node} may be down: no other pod of the pipeline runs there, and Kubernetes has not judged it yet"
    return ""
