"""Every transport: of 10,000 frames each branch ends exactly once, by identity, whatever goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

FRAMES = 10_000


class Pipeline:
    """capture → (motion → resize, archive), small queues, replicas that take frames and never finish them."""

    def __init__(self, bench: Any) -> None:
        bench.configure(max_frames=50)
        bench.stages(("motion", "capture"), ("archive", "capture"), ("resize", "motion"))
        self.bench, self.producer = bench, bench.producer()
        self.archive = bench.consumer("archive", claim_after=0.05)
        self.resize = bench.consumer("resize", "motion", claim_after=0.05)
        self.motion = bench.consumer("motion", claim_after=0.05)
        self.ended: Counter[tuple[str, str]] = Counter()
        self.dropped = self.claimed = 0

    def capture(self) -> str:
        frame = self.bench.frame(b"x")
        self._count(frame, "capture", self.producer.send(frame, self.bench.context(frame)))
        return str(frame.frame_id)

    def work(self, *, forget: str = "", wait: float = 0.0) -> int:
        """Let every stage process a frame; the stage `forget` takes one and never finishes it."""
        received = 0
        for stage, consumer in (("archive", self.archive), ("resize", self.resize), ("motion", self.motion)):
            delivery = consumer.receive(wait)
            received += delivery is not None
            if delivery is None or stage == forget:
                continue
            self.claimed += delivery.count > 1
            if stage == "motion":
                self._count(delivery.frame, "motion", consumer.forward(delivery.frame, delivery.context))
            else:
                self.ended[delivery.frame.frame_id, stage] += consumer.ack(delivery.frame)
        return received

    @property
    def waiting(self) -> int:
        return sum(sum(consumer.lag().values()) for consumer in (self.motion, self.archive, self.resize))

    def _count(self, frame: Any, hop: str, sent: Any) -> None:
        self.dropped += len(sent.dropped) + sent.refused
        if sent.refused:
            for reader in self.bench.topology.children(hop):
                self.ended[frame.frame_id, reader] += 1
        for dropped in sent.dropped:
            self.ended[dropped.frame_id, dropped.hop] += 1


@pytest.mark.timeout(120)
def test_every_branch_of_every_frame_ends_once(bench: Any) -> None:
    pipeline = Pipeline(bench)
    sent = []
    for number in range(FRAMES):
        sent.append(pipeline.capture())
        if number % 3:
            pipeline.work(forget={0: "archive", 1: "resize", 2: "motion"}.get(number % 97, ""))
    while pipeline.work(wait=bench.patience / 10) or pipeline.waiting:
        pass

    once = {(frame_id, "archive") for frame_id in sent}
    either = [pipeline.ended[frame_id, "motion"] + pipeline.ended[frame_id, "resize"] for frame_id in sent]
    assert {key: pipeline.ended[key] for key in once} == dict.fromkeys(once, 1)
    assert Counter(either) == {1: FRAMES}
    assert pipeline.dropped > 1000
    assert pipeline.claimed > 10
