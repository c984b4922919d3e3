"""Renderings: a pipeline's children as they were rendered last, packed small: most passes want the same ones again.

In memory only, until the pipeline's spec, the platform or what the guard wants changes.
A password is no part of them: there is another one each time.
"""

import zlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from secrets import token_urlsafe
from typing import Final

from frametrace_api.spec import PipelineMode
from pydantic_core import from_json, to_json

from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.keys import PipelineKey
from frametrace_operator.manifests import Child, children
from frametrace_operator.manifests.endpoints import has_page
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["Renderings"]

_FASTEST: Final = 1
_AS_SPECIFIED: Final = TracingPlan()


@dataclass(frozen=True, slots=True)
class _Rendering:
    made_of: tuple[str, int, PipelineMode, Platform, TracingPlan, frozenset[str], bool]
    broker_secret: str
    packed: bytes


class Renderings:
    """Children by pipeline.

    What they are made of: the resource's UID, generation and mode, the platform, the guard's wishes, whether there is a
    journey page, which an annotation may want, and the Secret of a managed Redis if it was made again.
    """

    def __init__(self) -> None:
        self._known: dict[PipelineKey, _Rendering] = {}
        self._no_password = token_urlsafe()  # stands where a password belongs, and in nobody's text

    def children(
        self,
        pipeline: Pipeline,
        platform: Platform,
        tracing: TracingPlan = _AS_SPECIFIED,
        *,
        waiting: Collection[str] = (),
        broker_secret: str | None = None,
    ) -> tuple[Child, ...]:
        """The children that a pipeline wants, as `manifests.children` has it; rendered only if they were not before.

        Left out, `broker_secret` is what it was last: it is not known before a look, and no child's name depends on it.

        Raises:
            InvalidManifestError: as `manifests.children` does.
        """
        key = PipelineKey(pipeline.namespace, pipeline.name)
        mode = pipeline.spec.mode
        made_of = (pipeline.uid, pipeline.generation, mode, platform, tracing, frozenset(waiting), has_page(pipeline))
        known = self._known.get(key)
        if known is not None and known.made_of == made_of and broker_secret in (None, known.broker_secret):
            # A Secret that is made again after a loss, perhaps of a password that leaked, must not have the same one.
            text = zlib.decompress(known.packed).decode().replace(self._no_password, token_urlsafe())
            return tuple(Child(**fields) for fields in from_json(text))
        secret, password = broker_secret or "", token_urlsafe()
        made = children(
            pipeline, platform, tracing, waiting=waiting, broker_secret=secret, new_password=lambda: password
        )
        text = to_json([asdict(child) for child in made]).decode().replace(password, self._no_password)
        self._known[key] = _Rendering(made_of, secret, zlib.compress(text.encode(), _FASTEST))
        return made

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._known.pop(key, None)
