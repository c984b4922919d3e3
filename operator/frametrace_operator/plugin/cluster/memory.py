"""A cluster in memory for tests: objects as the operator's own memory has them, and answers and logs that it was given."""

from collections.abc import AsyncIterator

from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import KINDS, Kind
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.kube.server_side import patched
from frametrace_operator.plugin.cluster.base import NOT_FOUND, Answer, KubeReads, LogQuery, Place

__all__ = ["MemoryCluster"]


class MemoryCluster(KubeReads):
    """A `Cluster`. `asked` lists every request that went to a pod or a Service."""

    def __init__(self, kube: MemoryKube) -> None:
        super().__init__(kube)
        self.asked: list[tuple[Place, str]] = []
        self.queries: list[tuple[str, LogQuery]] = []
        self._kube = kube
        self._answers: dict[tuple[Place, str], list[Answer]] = {}
        self._logs: dict[tuple[str, str], tuple[str, ...]] = {}
        self._refusals: dict[tuple[str, str], OperatorError] = {}

    async def change(self, kind: Kind, namespace: str, name: str, patch: Object) -> None:
        """Change the object by a JSON merge patch."""
        if await self._kube.get(kind, namespace, name) is None:
            raise ActionNeededError("ApplyRefused", f"{kind.plural} {name!r} not found")

        def change(body: Object) -> None:
            after = patched(body, patch)
            body.clear()
            body.update(after)

        self._kube.edit(kind, namespace, name, change)

    async def fetch(self, place: Place, path: str) -> Answer:
        """The next answer that the place was given; its last one again and again."""
        self.asked.append((place, path))
        answers = self._answers.get((place, path))
        if not answers and not await self._is_there(place):
            raise ActionNeededError(
                NOT_FOUND, f"the API server refused it (404): {place.kind} {place.name!r} not found"
            )
        if not answers:
            raise RetryError(f"the API server cannot reach {place.kind}/{place.name}: nothing listens on {place.port}")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def log(self, namespace: str, pod: str, query: LogQuery) -> AsyncIterator[str]:
        """Lines of a pod's log."""
        self.queries.append((pod, query))
        if (namespace, pod) in self._refusals:
            raise self._refusals[namespace, pod]
        lines = self._logs.get((namespace, pod), ())
        for line in lines if query.tail is None else lines[len(lines) - min(query.tail, len(lines)) :]:
            yield line

    def put_answers(self, place: Place, path: str, *answers: Answer) -> None:
        """Let a server answer so, one request after the other."""
        self._answers[place, path] = list(answers)

    def put_log(self, namespace: str, pod: str, *lines: str) -> None:
        """Let a pod have said this."""
        self._logs[namespace, pod] = lines

    def refuse_log(self, namespace: str, pod: str, error: OperatorError) -> None:
        """Let a pod's log be read no more, for this reason."""
        self._refusals[namespace, pod] = error

    async def _is_there(self, place: Place) -> bool:
        kind = next(kind for kind in KINDS.values() if kind.plural == place.kind)
        return await self._kube.get(kind, place.namespace, place.name) is not None
