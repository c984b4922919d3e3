"""The volume of a managed Jaeger that the cluster does not make larger. Pure."""

from frametrace_operator.assess.facts import Facts, listed

__all__ = ["ungrown"]


def ungrown(facts: Facts) -> str:
    """What keeps a volume smaller than it is to be, and the ways out; empty if nothing does."""
    if not facts.outcome.ungrown:
        return ""
    why = listed(f"PersistentVolumeClaim {each.child.key[2]}: {each.message}" for each in facts.outcome.ungrown)
    ways = (
        "let its StorageClass expand volumes, set tracing.backend.managed.size to what it has, "
        "or delete the claim and Jaeger's pod: it is made anew, without the traces so far"
    )
    return f"the volume for traces cannot grow ({why}); {ways}"
