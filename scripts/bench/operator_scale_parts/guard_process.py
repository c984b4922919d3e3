"""The guard alone, over so many pipelines that are answered by `guard_stub`: it measures, and decides where there is news.

What a pass does for the guard is done here without a cluster: the evidence is judged, a status is made, and what is to be
measured follows from that. A process of its own, until SIGTERM; it then prints what it found as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import uvloop
from frame_tracking import CAPTURE_HOP
from frametrace_api.status_tracing import GuardState, RollbackTrigger, Suspicion, TracingStatus
from frametrace_operator.garbage import collect_seldom
from frametrace_operator.guard.deciding.table import advance
from frametrace_operator.guard.deciding.worth import Worth
from frametrace_operator.guard.jaeger.real import HttpJaegers, kept_connections
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.guard.observing.asking import watched_of
from frametrace_operator.guard.plan import Progress
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.pods.base import Target
from frametrace_operator.pods.real import HttpLedgers

from scripts.bench.operator_scale_parts.fleet import CAMERA, STAGE, pipelines
from scripts.bench.operator_scale_parts.guard_stub import HEALTHY, SICK, capture_address, stage_address

_SICK_EVERY: Final = 100
_SUSPECT: Final = TracingStatus(
    state=GuardState.SUSPECT,
    suspicion=Suspicion(trigger=RollbackTrigger.TRACES_MISSING, message="as it was found some time ago"),
)
"""Where the sick ones begin: with few look-ups each it takes long until one of so large a fleet is found."""


class Guard:
    """The guard over a fleet."""

    def __init__(self, number: int, port: int) -> None:
        bodies = pipelines("scale", number)
        self._pipelines = [_pipeline(body, index, port) for index, body in enumerate(bodies)]
        self._status = {key: _SUSPECT if _is_sick(key) else None for key in range(number)}
        self._worth: Worth[int] = Worth()
        self._news: dict[int, None] = {}
        self.passes = 0

    async def run(self, port: int, stop: asyncio.Event) -> Watch[int]:
        """Measure and decide until told to stop."""
        unkept = aiohttp.TCPConnector(limit=0, force_close=True)
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(connector=unkept, cookie_jar=jar) as to_pods,
            aiohttp.ClientSession(connector=kept_connections(), cookie_jar=jar) as to_jaegers,
        ):
            jaegers = HttpJaegers(to_jaegers, allow=("127.0.0.0/8",))
            watch: Watch[int] = Watch(HttpLedgers(to_pods, port=port), jaegers, self._changed)
            self._watch = watch
            measuring = asyncio.ensure_future(watch.run())
            for key in self._status:
                self._follow(key)
            while not stop.is_set():
                self._decide()
                await asyncio.sleep(0.2)
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)
        return watch

    def _changed(self, key: int) -> None:
        if self._worth.is_news(key, self._watch.evidence(key)):
            self._news[key] = None

    def _decide(self) -> None:
        for key in list(self._news):
            del self._news[key]
            self.passes += 1
            evidence, pipeline = self._follow(key), self._pipelines[key]
            now = datetime.now(UTC)
            status = self._status[key] = advance(self._status[key], evidence, Progress(), pipeline, now)
            self._worth.tell(key, pipeline.spec.tracing.guard, status, evidence)
            self._follow(key)

    def _follow(self, key: int) -> Any:
        pods = (("c", capture_address(key), CAPTURE_HOP, CAMERA), ("s", stage_address(key), STAGE, ""))
        targets = [Target(f"{name}{key}", f"{name}{key}", ip, hop, camera) for name, ip, hop, camera in pods]
        status = self._status[key] or TracingStatus(state=GuardState.HEALTHY)
        watched = watched_of(self._pipelines[key], status, targets)
        assert watched is not None
        return self._watch.follow(key, watched)

    def found(self, watch: Watch[int]) -> dict[str, Any]:
        """What was found: audits by result, states, missing frames, and how old the last audits are."""
        now = time.time()
        evidence = [watch.evidence(key) for key in self._status]
        last = [each.audits[-1] for each in evidence if each.audits]
        ages = sorted(now - audit.window_end.timestamp() for audit in last)
        return {
            "audited": len(last),
            "results": Counter(audit.result.value for audit in last),
            "missing": sum(audit.missing for each in evidence for audit in each.audits),
            "exact": sum(audit.method.value == "Exact" for audit in last),
            "states": Counter(status.state.value for status in self._status.values() if status is not None),
            "oldest_audit_seconds": round(ages[-1], 1) if ages else None,
            "passes": self.passes,
        }


def _is_sick(index: int) -> bool:
    return index % _SICK_EVERY == _SICK_EVERY - 1


def _pipeline(body: dict[str, Any], index: int, port: int) -> Pipeline:
    """One in a hundred has the Jaeger that loses traces."""
    url = f"http://{SICK if _is_sick(index) else HEALTHY}:{port}"
    external = {"otlpEndpoint": "http://jaeger.example:4318", "queryUrl": url}
    spec = body["spec"] | {"tracing": {"backend": {"external": external}}}
    return Pipeline.from_object({"metadata": body["metadata"] | {"uid": f"uid-{index}"}, "spec": spec})


async def _main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pipelines", type=int, required=True)
    arguments.add_argument("--port", type=int, required=True)
    options = arguments.parse_args()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    guard = Guard(options.pipelines, options.port)
    collect_seldom()
    print("ready", flush=True)
    watch = await guard.run(options.port, stop)
    print(json.dumps(guard.found(watch)), flush=True)


if __name__ == "__main__":
    sys.exit(uvloop.run(_main()))
