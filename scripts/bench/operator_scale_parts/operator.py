"""The operator as a process, with the settings that it has in a cluster, and what its metrics and the kernel say of it."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from scripts.bench.operator_scale_parts.installed import installed
from scripts.servers.processes import stop, wait_for

__all__ = ["Operator", "running_operator"]

_PORT: Final = 18080
_PREFIX: Final = "frametrace_operator_"
_LOOK_SECONDS: Final = 1.0
"""Between two scrapes: one costs the operator a tenth of a second with a thousand pipelines."""

_SETTINGS: Final = {
    "FRAMETRACE_RUNTIME_IMAGE": "runtime:bench",
    "FRAMETRACE_REDIS_IMAGE": "redis:bench",
    "FRAMETRACE_JAEGER_IMAGE": "jaeger:bench",
    "FRAMETRACE_HTTP_PORT": str(_PORT),
}


class Operator:
    """A running operator."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.pid = process.pid

    def metric(self, name: str) -> float:
        """The sum of a metric's samples now; 0 where there is none."""
        return self._metrics(name)[0]

    def _metrics(self, *names: str) -> list[float]:
        """The same of several, as of one moment. Only their own lines are parsed: there are some for every pipeline."""
        with urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/metrics", timeout=30) as answer:
            lines = [line for line in answer.read().decode().splitlines(keepends=True) if line.startswith(_PREFIX)]
        samples = [sample for family in text_string_to_metric_families("".join(lines)) for sample in family.samples]
        return [sum(sample.value for sample in samples if sample.name == f"{_PREFIX}{name}") for name in names]

    def leads(self) -> bool:
        """Whether it leads."""
        try:
            return self.metric("leader") == 1
        except OSError:
            return False

    def wait_until_it_knows(self, pipelines: int, seconds: float) -> None:
        """Wait until it has looked at so many pipelines, and none waits for a look.

        Raises:
            TimeoutError: if that takes longer.
        """
        wait_for(lambda: self._knows(pipelines), "a look at every pipeline", seconds)

    def wait_until_it_writes_no_more(self, seconds: float) -> None:
        """Wait until it has written nothing for so many seconds.

        Raises:
            TimeoutError: if it goes on writing.
        """
        wait_for(lambda: self._is_quiet(seconds), "an operator that writes nothing", 300)

    def _is_quiet(self, seconds: float) -> bool:
        before = self.metric("writes_total")
        time.sleep(seconds)
        return self.metric("writes_total") == before

    def _knows(self, pipelines: int) -> bool:
        time.sleep(_LOOK_SECONDS)
        return self._metrics("leader", "pipelines", "queue_depth") == [1, pipelines, 0]


@contextmanager
def running_operator(kubeconfig: Path, log: Path, *wrapper: str) -> Iterator[Operator]:
    """An operator that leads; `wrapper` is a command that runs it, such as a profiler's."""
    command = [*wrapper, str(installed()), "-m", "frametrace_operator"]
    environment = os.environ | _SETTINGS | {"KUBECONFIG": str(kubeconfig)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    operator = Operator(process)
    try:
        wait_for(operator.leads, f"the operator (see {log})", 60)
        yield operator
    finally:
        stop(process)
