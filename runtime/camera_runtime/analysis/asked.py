"""What a call of the trace analyzer asks: where journeys come from, which of them count, and by which trees they are judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from frame_tracking import Attribute, Topology, now

from camera_runtime.analysis.options import SETTLE_SECONDS
from camera_runtime.analysis.selection import Journeys, Wanted
from camera_runtime.analysis.spool import SavedJourneys
from camera_runtime.cli.sources import valid_url
from camera_runtime.run_record import RunRecord

__all__ = ["Asked", "Place"]

_LARGEST_ANSWER: Final = 32_000_000
"""Bytes of an answer of Jaeger's that is read, which take some 200 MB of memory; of more, a shorter time is asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where journeys are: in the Jaeger, if one is named, else in the file."""

    spans: Path
    jaeger: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    Attributes:
        since: seconds, with a Jaeger.
        settle: seconds; None: what suits the place.
        of_capture: whether journeys without a span of the capture are of no interest.
        pipeline: a name, or a CameraPipeline's file.
    """

    place: Place
    since: float
    settle: float | None
    pipeline: str
    namespace: str
    of_capture: bool

    def told(self) -> tuple[str, dict[str, Topology]]:
        """Return the pipeline's name, if one is asked for, and the trees of stages that are known.

        Raises:
            CommandError: if its file cannot be used.
        """
        if not self._is_file():
            return self.pipeline, {} if self.place.jaeger else RunRecord.read(self.place.spans).topologies
        from camera_runtime.cli.resource import read_pipeline  # noqa: PLC0415 - the models take their time

        pipeline = read_pipeline(Path(self.pipeline)).pipeline
        topology = Topology.of((stage.name, stage.input) for stage in pipeline.spec.stages)
        return pipeline.metadata.name, {topology.revision: topology}

    def wanted(self, name: str) -> Wanted:
        """Return what counts, of the pipeline `name`."""
        settle = self.settle
        if settle is None:
            settle = SETTLE_SECONDS if self.place.jaeger else 0.0
        return Wanted(name, self.namespace, settle)

    def source(self, name: str) -> Journeys:
        """Return where the journeys of the pipeline `name` are.

        Raises:
            SpanFileError: if there is no such file.
            CommandError: if the URL or the time is none.
        """
        if not self.place.jaeger:
            return SavedJourneys(self.place.spans)
        from camera_runtime.analysis.pages import StoredJourneys  # noqa: PLC0415 - a file is read sooner without
        from camera_runtime.journeys.jaeger import EARLIEST, Jaeger  # noqa: PLC0415

        end: datetime = now()
        longest = (end - EARLIEST).total_seconds()
        begin = end - timedelta(seconds=min(self.since, longest))
        tags = {Attribute.PIPELINE_NAME.value: name} if name else {}
        jaeger = Jaeger(valid_url(self.place.jaeger, "--jaeger"), largest_bytes=_LARGEST_ANSWER)
        return StoredJourneys(jaeger, begin, end, of_capture=self.of_capture, tags=tags)

    def _is_file(self) -> bool:
        """No pipeline's name has a dot or a slash."""
        return bool({"/", "."} & {*self.pipeline}) or Path(self.pipeline).is_file()
