"""What the operator reports of a pipeline's journey page."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.scalars import DnsName

__all__ = ["PagePictures", "PageState", "PageStatus"]


class PageState(StrEnum):
    """What the page does."""

    STARTING = "Starting"
    RUNNING = "Running"
    UNAVAILABLE = "Unavailable"
    SUSPENDED = "Suspended"


class PagePictures(StrEnum):
    """Whether the page shows pictures."""

    SHOWN = "Shown"
    DENIED = "Denied"
    NOT_ON_RABBITMQ = "NotOnRabbitMQ"


class PageStatus(ApiModel):
    """The journey page as it is."""

    state: PageState
    """Starting, Running, Unavailable or Suspended. Frames do not need the page: it is in no condition."""
    service: DnsName
    """Service of the page in the pipeline's namespace, port 8080: for `kubectl frametrace ui`, or an ingress of yours."""
    pictures: PagePictures
    """Shown, Denied (pictures.access), or NotOnRabbitMQ (pictures travel in its messages and cannot be looked up)."""
    message: Annotated[str, Field(max_length=bounds.MAX_MESSAGE)] | None = None
    """Why the page does not run. Left out: it does, or will soon."""
