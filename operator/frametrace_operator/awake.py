"""Awake: how much of a pipeline runs. A value only; `suspend` decides it."""

from enum import IntEnum

from frametrace_operator.naming import Role

__all__ = ["Awake"]


class Awake(IntEnum):
    """What runs; each step has what the one before it has."""

    NOTHING = 0
    SERVERS = 1
    STAGES = 2
    ALL = 3

    def has(self, role: Role) -> bool:
        """Whether pods of the role run."""
        return self >= {Role.CAPTURE: Awake.ALL, Role.STAGE: Awake.STAGES}.get(role, Awake.SERVERS)
