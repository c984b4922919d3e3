"""A frame's picture, for `frametrace journey --picture`: from what `frametrace run` kept, or from the pipeline's broker."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from frame_tracking import CAPTURE_HOP, FrameID

from camera_runtime.cli.exits import CommandError, Exit

__all__ = ["PictureSource", "write_picture"]


@dataclass(frozen=True, slots=True)
class PictureSource:
    """Where pictures are.

    Attributes:
        directory: where `frametrace run` keeps them.
        broker: the URL of the pipeline's broker; empty: it is not asked.
        pipeline: the resource, which the broker's keys are named after.
    """

    directory: Path
    broker: str = ""
    pipeline: Path | None = None


def write_picture(frame_id: FrameID, source: PictureSource, target: Path) -> None:
    """Write the picture that was captured, as JPEG.

    Raises:
        CommandError: if there is none, or it may not be looked at, or the file cannot be written.
    """
    content = _kept(frame_id, source.directory) or (_from_broker(frame_id, source) if source.broker else None)
    if not content:
        asked = " and in the broker" if source.broker else "; --broker asks the pipeline's broker"
        raise CommandError(
            f"no picture of frame {frame_id} is in {source.directory}{asked}: pictures are kept for "
            "broker.retention.frameSeconds, by `frametrace run` the newest ones if spec.pictures.access is Allowed"
        )
    if content[:3] != b"\xff\xd8\xff":
        raise CommandError(f"the picture of frame {frame_id} is raw: spec.capture.encoding is not JPEG")
    try:
        target.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}") from None


def _kept(frame_id: FrameID, directory: Path) -> bytes | None:
    try:
        return (directory / f"{frame_id}.jpg").read_bytes()
    except OSError:
        return None


def _from_broker(frame_id: FrameID, source: PictureSource) -> bytes | None:
    """Ask the broker. A resource as `kubectl get -o yaml` gives it names the keys of its pods."""
    from frametrace_api.contract import PipelineRef  # noqa: PLC0415 - a kept picture is found sooner without
    from frametrace_api.spec import PictureAccess  # noqa: PLC0415

    from camera_runtime.cli.resource import read_pipeline  # noqa: PLC0415
    from camera_runtime.run.broker_choice import LOCAL_UID, broker_at  # noqa: PLC0415
    from camera_runtime.run.contracts import ContractError  # noqa: PLC0415
    from camera_runtime.transports.base import BrokerUnavailableError  # noqa: PLC0415

    if source.pipeline is None:
        raise CommandError("--broker needs --pipeline FILE: a broker's keys are named after the pipeline", Exit.USAGE)
    resource = read_pipeline(source.pipeline, allow_files=True).pipeline
    if resource.spec.pictures.access is not PictureAccess.ALLOWED:
        raise CommandError(f"pictures of {resource.metadata.name} are denied: spec.pictures.access is not Allowed")
    metadata = resource.metadata
    reference = PipelineRef(namespace=metadata.namespace, name=metadata.name, uid=metadata.uid or LOCAL_UID)
    try:
        broker = broker_at(source.broker, reference)
        found = broker.picture(frame_id, CAPTURE_HOP)
        broker.close()
    except ContractError as error:
        raise CommandError(str(error), Exit.USAGE) from None
    except BrokerUnavailableError as error:
        raise CommandError(str(error), Exit.UNAVAILABLE) from None
    return found
