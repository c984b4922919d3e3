"""Lets the pods' traffic through a firewall that drops by default, as Docker's and ufw's do; only by rules with the cluster's own comment.

Service traffic between two pods is routed (it is rewritten on the way), so a FORWARD policy of DROP would cut it.
"""

from __future__ import annotations

import shutil

from scripts.cluster.commands import answer, succeeds
from scripts.cluster.pins import BRIDGE, CONTEXT

__all__ = ["ensure_accepted", "own_rules", "remove_rules"]

_COMMENT = ["-m", "comment", "--comment", CONTEXT, "-j", "ACCEPT"]
_RULES = {
    "FORWARD": ["-i", BRIDGE, "-o", BRIDGE, *_COMMENT],
    "INPUT": ["-i", BRIDGE, *_COMMENT],
}


def _iptables() -> str | None:
    return shutil.which("iptables", path="/usr/sbin:/sbin:/usr/bin")


def _has(program: str, chain: str) -> bool:
    return succeeds([program, "--wait", "-C", chain, *_RULES[chain]])


def own_rules() -> list[str]:
    """The chains that hold a rule of the cluster's."""
    program = _iptables()
    return [chain for chain in _RULES if program and _has(program, chain)]


def ensure_accepted() -> None:
    """Accept the pods' traffic in every chain whose policy is DROP; without such a chain nothing is touched.

    Raises:
        ClusterError: The firewall could not be read or changed.
    """
    program = _iptables()
    if program is None:
        return
    for chain, rule in _RULES.items():
        policy = answer("read the firewall", [program, "--wait", "-S", chain]).splitlines()[0]
        if policy == f"-P {chain} DROP" and not _has(program, chain):
            answer("let the pods' traffic through the firewall", [program, "--wait", "-I", chain, *rule])


def remove_rules() -> None:
    """Remove the cluster's rules.

    Raises:
        ClusterError: One could not be removed.
    """
    program = _iptables()
    for chain in own_rules() if program else ():
        answer("take the cluster's rules out of the firewall", [str(program), "--wait", "-D", chain, *_RULES[chain]])
