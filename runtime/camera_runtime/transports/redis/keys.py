"""Every key that the transport has in Redis. Pure.

All keys of a pipeline share one hash tag, so that its scripts work on a cluster's single slot too.
"""

from __future__ import annotations

from dataclasses import dataclass

from frame_tracking import FrameID
from frametrace_api.contract import PipelineRef

__all__ = ["Keys"]

_UID_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one pipeline; a pipeline that is made anew under the same name has other ones.

    Attributes:
        prefix: what all of them begin with.
    """

    prefix: str

    @classmethod
    def of(cls, pipeline: PipelineRef) -> Keys:
        """Return the pipeline's keys."""
        return cls(f"frametrace:{{{pipeline.namespace}/{pipeline.name}/{pipeline.uid[:_UID_SHOWN]}}}:")

    def stream(self, camera: str, hop: str) -> str:
        """The stream of a camera's frames that left `hop`."""
        return f"{self.prefix}frames:{camera}:{hop}"

    def camera(self, stream: str) -> str:
        """Whose frames are in a stream."""
        return stream.removeprefix(f"{self.prefix}frames:").partition(":")[0]

    def streams(self, hop: str) -> str:
        """The set of all streams of frames that left `hop`."""
        return f"{self.prefix}streams:{hop}"

    def picture(self, frame_id: FrameID, hop: str) -> str:
        """The picture that `hop` made of a frame; never written twice with another content."""
        return f"{self.pictures}{frame_id}:{hop}"

    @property
    def pictures(self) -> str:
        """What the keys of all pictures begin with."""
        return f"{self.prefix}picture:"

    def dead(self, stage: str) -> str:
        """The stream of frames that a stage gave up."""
        return f"{self.prefix}dead:{stage}"

    @staticmethod
    def destination(camera: str, hop: str) -> str:
        """What spans call a stream."""
        return f"{camera}.{hop}"
