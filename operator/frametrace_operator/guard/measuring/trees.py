"""Trees: the trees of stages that held lately, by revision. No I/O."""

from collections.abc import Mapping
from typing import Final

from frame_tracking import Topology

from frametrace_operator.guard.audit.readings import Reading
from frametrace_operator.guard.audit.survey import Survey, survey

__all__ = ["Trees"]

_MOST: Final = 8


class Trees:
    """Remembers the last few."""

    def __init__(self) -> None:
        self._known: dict[str, Topology] = {}

    @property
    def known(self) -> Mapping[str, Topology]:
        """Those that are known now."""
        return dict(self._known)

    def know(self, tree: Topology) -> None:
        """This one holds now."""
        self._known.pop(tree.revision, None)
        self._known[tree.revision] = tree
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def survey(self, reading: Reading, span: tuple[int, int]) -> Survey:
        """What a reading says of a window."""
        return survey(reading.ledgers.values(), span, self._known, reading.newest)
