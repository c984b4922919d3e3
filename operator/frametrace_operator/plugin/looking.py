"""One look at pipelines after the other, with the live values that two looks give: what `status` and `cameras` show."""

from dataclasses import dataclass, field
from typing import Final

from frametrace_operator.plugin.finding import pipelines, pods_of
from frametrace_operator.plugin.reading import MOST_PODS, LiveValues, Readings, read_pods
from frametrace_operator.plugin.session import Session
from frametrace_operator.plugin.view import PipelineView
from frametrace_operator.plugin.viewing import view_of

__all__ = ["SAMPLE_SECONDS", "Look", "Looker"]

SAMPLE_SECONDS: Final = 1.0
"""Between the two readings that rates are made of."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; `note` says what was left out."""

    views: tuple[PipelineView, ...]
    note: str = ""


@dataclass(slots=True)
class Looker:
    """Looks at the pipelines that a person named; keeps the last readings, so that a watch needs one a look."""

    session: Session
    name: str
    everywhere: bool
    live: bool = True
    _earlier: Readings = field(default_factory=dict)

    async def look(self, *, again: bool = False) -> Look:
        """Look; with `again` the last readings are the earlier ones, else two are taken.

        Raises:
            CommandError: if there is no such pipeline.
            OperatorError: if the cluster does not answer.
        """
        found = await pipelines(self.session, self.name, everywhere=self.everywhere)
        values, note = await self._values(again=again) if self.live else (LiveValues((), {}, {}), "")
        now = self.session.now()
        return Look(tuple(view_of(body, values, now) for body in found), note)

    async def _values(self, *, again: bool) -> tuple[LiveValues, str]:
        space = "" if self.everywhere else self.session.namespace
        pods = await pods_of(self.session, space, self.name)
        if len(pods) > MOST_PODS:
            note = f"live values of {len(pods)} pods are left out: name one pipeline, or a namespace with fewer than {MOST_PODS}"
            return LiveValues((), {}, {}), note
        if not again:
            self._earlier = await read_pods(self.session, pods)
            await self.session.pause(SAMPLE_SECONDS)
        values = LiveValues(tuple(pods), self._earlier, await read_pods(self.session, pods))
        self._earlier = values.later
        return values, ""
