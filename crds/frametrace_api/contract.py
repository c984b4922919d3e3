"""What the operator tells the processes of a pipeline: two files, mounted from two ConfigMaps.

`CONFIG_FILE` holds a `ProcessContract`: all that one process needs to start; its hash is in the pod template, so a
change rolls that Deployment and no other. `LIVE_FILE` holds a `LiveContract`: what changes without a restart. Both are
JSON. Credentials are never in them: they are mounted from Secrets at the paths that the contract names.

Readers ignore fields that they do not know, so that a newer operator can serve older pods.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

__all__ = [
    "CONFIG_DIRECTORY",
    "CONFIG_FILE",
    "HTTP_PORT",
    "LIVE_DIRECTORY",
    "LIVE_FILE",
    "POD_NAME_VARIABLE",
    "SECRETS_DIRECTORY",
    "BrokerContract",
    "CameraContract",
    "CaptureContract",
    "JaegerContract",
    "LiveContract",
    "LiveTracing",
    "NetworkContract",
    "PageContract",
    "PipelineRef",
    "StageContract",
    "StageEdge",
    "TracingState",
    "parse_process_contract",
]

CONFIG_DIRECTORY: Final = "/etc/frametrace/config"
CONFIG_FILE: Final = f"{CONFIG_DIRECTORY}/process.json"
LIVE_DIRECTORY: Final = "/etc/frametrace/live"
LIVE_FILE: Final = f"{LIVE_DIRECTORY}/live.json"
SECRETS_DIRECTORY: Final = "/etc/frametrace/secrets"
HTTP_PORT: Final = 8080
"""Where every process of a pipeline answers `/metrics`, `/ledger`, `/healthz` and `/readyz`."""
POD_NAME_VARIABLE: Final = "FRAMETRACE_POD_NAME"
"""Environment variable with the pod's name, from the downward API."""


class _Contract(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=None)


class PipelineRef(_Contract):
    """The pipeline that a process belongs to."""

    namespace: str
    name: str
    uid: str


class BrokerContract(_Contract):
    """How to reach the broker."""

    type: Literal["Redis", "RabbitMQ"] = "Redis"
    url: str = Field("", description="Without credentials, e.g. redis://host:6379/0. Empty when `url_file` is given.")
    url_file: str = Field("", description="A mounted Secret's file with the whole URL (external brokers).")
    password_file: str = Field("", description="A mounted Secret's file with the password (operator-run Redis).")
    ca_file: str = Field("", description="A mounted Secret's file with the certificate authority.")
    frame_seconds: int = Field(60, description="How long a picture is kept.")
    max_frames: int = Field(1000, description="Most entries in a stream, for each camera and hop.")
    overflow: Literal["DropOldest", "DropNewest", "Block"] = "DropOldest"


class CameraContract(_Contract):
    """One camera's source."""

    id: str
    url: str = Field(description="Without credentials.")
    username_file: str = ""
    password_file: str = ""


class NetworkContract(_Contract):
    """The cluster owner's rule for camera addresses, as CIDRs; the longest match decides, deny wins a tie."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class CaptureContract(_Contract):
    """A capture process: one camera."""

    role: Literal["capture"] = "capture"
    pipeline: PipelineRef
    camera: CameraContract
    networks: NetworkContract = NetworkContract()
    broker: BrokerContract
    frames_per_second: str = Field("", description="Most frames a second that get an ID; empty takes all.")
    max_width: int = Field(0, description="Pixels; wider pictures are scaled down; 0 keeps the camera's.")
    encoding: Literal["JPEG", "Raw"] = "JPEG"
    jpeg_quality: int = 85
    timestamp_source: Literal["Wallclock", "Stream"] = "Wallclock"
    pictures_allowed: bool = False


class StageContract(_Contract):
    """A stage process: one stage, all cameras."""

    role: Literal["stage"] = "stage"
    pipeline: PipelineRef
    name: str
    input: str = Field(description="`capture` or the stage that it reads from.")
    handler: str = Field(description="A built-in's name, or `module:attribute`.")
    broker: BrokerContract
    max_deliveries: int = 3
    handler_timeout_seconds: int = 30


class JaegerContract(_Contract):
    """Where a pipeline's traces are read from."""

    url: str = Field("", description="Of its query port; empty while tracing is disabled.")
    headers_file: str = Field("", description="A mounted Secret's file with headers as name=value pairs.")
    alone: bool = Field(False, description="Whether it holds this pipeline's traces and nobody else's.")
    max_traces: int = Field(0, description="Most traces that it holds, and so lets be asked for; 0: no bound is known.")


class PageContract(_Contract):
    """The process of a pipeline's journey page."""

    role: Literal["page"] = "page"
    pipeline: PipelineRef
    jaeger: JaegerContract = JaegerContract()
    broker: BrokerContract = Field(description="Where pictures are looked up, if they may be.")
    pictures_allowed: bool = False
    trace_seconds: int = Field(3600, description="How long traces are kept; 0: only the owner of that Jaeger knows.")


class StageEdge(_Contract):
    """A stage and where it reads from."""

    name: str
    input: str


class TracingState(StrEnum):
    """Whether processes trace, live."""

    ON = "On"
    OFF = "Off"


class LiveTracing(_Contract):
    """Tracing, live. Ratios are strings from 0 to 1."""

    state: TracingState = TracingState.ON
    ratio: str = "1"
    camera_ratios: dict[str, str] = Field(default_factory=dict, description="Cameras whose ratio differs, by ID.")
    keep_errors: bool = True
    keep_slower_than_milliseconds: int = Field(0, description="0 keeps none for being slow.")


class LiveContract(_Contract):
    """What changes while a process runs."""

    revision: str = Field(description="Names the tree of stages, on the root span and in the ledger.")
    cameras: tuple[str, ...] = Field((), description="IDs of all cameras: the streams that a stage reads.")
    stages: tuple[StageEdge, ...] = Field((), description="The tree; an input is `capture` or an earlier stage.")
    tracing: LiveTracing = LiveTracing()

    @model_validator(mode="after")
    def _stages_are_a_tree(self) -> Self:
        known = {"capture"}
        for edge in self.stages:
            if edge.name in known or edge.input not in known:
                raise ValueError(
                    f"stage {edge.name!r} with input {edge.input!r}: names are unique, an input is earlier"
                )
            known.add(edge.name)
        return self


_PROCESS: TypeAdapter[CaptureContract | StageContract | PageContract] = TypeAdapter(
    Annotated[CaptureContract | StageContract | PageContract, Field(discriminator="role")],
)


def parse_process_contract(text: str | bytes) -> CaptureContract | StageContract | PageContract:
    """Read `CONFIG_FILE`'s content.

    Raises:
        pydantic.ValidationError: if it is not a contract.
    """
    return _PROCESS.validate_json(text)
