"""The journey page: whether it runs, where, and whether it shows pictures. Frames do not need it, so it is in no condition. Pure."""

from frametrace_api.broker import BrokerType
from frametrace_api.spec import PictureAccess
from frametrace_api.status_page import PagePictures, PageState, PageStatus

from frametrace_operator.assess.facts import Facts
from frametrace_operator.manifests.endpoints import has_page
from frametrace_operator.naming import Role, child_name
from frametrace_operator.texts import clipped

__all__ = ["page_status"]

_MOST_SAID = 500


def page_status(facts: Facts) -> PageStatus | None:
    """What is true of the page; None where there is none."""
    pipeline = facts.pipeline
    if not has_page(pipeline):
        return None
    state, message = _state(facts)
    return PageStatus(
        service=child_name(pipeline, Role.PAGE), state=state, pictures=_pictures(facts), message=message or None
    )


def _state(facts: Facts) -> tuple[PageState, str]:
    if facts.suspended and not facts.any_pod(Role.PAGE, ""):
        return PageState.SUSPENDED, ""
    if facts.steady(Role.PAGE):
        return PageState.RUNNING, ""
    trouble = facts.trouble(Role.PAGE)
    return (PageState.UNAVAILABLE, clipped(trouble.message, _MOST_SAID)) if trouble else (PageState.STARTING, "")


def _pictures(facts: Facts) -> PagePictures:
    spec = facts.pipeline.spec
    if spec.pictures.access is not PictureAccess.ALLOWED:
        return PagePictures.DENIED
    return PagePictures.SHOWN if spec.broker.type is BrokerType.REDIS else PagePictures.NOT_ON_RABBITMQ
