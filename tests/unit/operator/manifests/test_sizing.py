"""Sizes of the managed servers: enough, bounded, and steady while cameras come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import product
from typing import Any

import pytest
from frametrace_operator.guard.evidence import BYTES_A_SPAN
from frametrace_operator.manifests.child import short_hash
from frametrace_operator.manifests.server_pod import binary_quantity
from frametrace_operator.manifests.sizing import ARITHMETIC, jaeger_size, max_frames, redis_size

GIB = 1024**3


def test_one_camera_at_thirty_frames_fits_whole(make_pipeline: Callable[..., Any]) -> None:
    spec = make_pipeline().spec

    assert max_frames(spec) == 30 * 60
    assert redis_size(spec).max_memory >= 30 * 60 * 300_000
    assert jaeger_size(spec).max_traces >= 30 * 3600


def test_redis_keeps_a_quarter_back(make_pipeline: Callable[..., Any]) -> None:
    size = redis_size(make_pipeline().spec)

    assert size.max_memory == size.limit * 3 // 4


@pytest.mark.parametrize(
    ("cameras", "stages", "gibibytes"), [(1, 2, 2), (2, 2, 4), (4, 2, 8), (1, 6, 4), (100, 2, 256)]
)
def test_badgers_volume_has_twice_the_room_of_the_spans_that_the_guard_reckons_with(
    make_pipeline: Callable[..., Any], cameras: int, stages: int, gibibytes: int
) -> None:
    spec = make_pipeline(
        cameras=[{"id": f"cam{n}", "source": {"url": "test://"}} for n in range(cameras)],
        stages=[{"name": f"s{n}", "handler": "motion"} for n in range(stages)],
        tracing={"backend": {"managed": {"storage": "Badger"}}},
    ).spec
    written = cameras * 30 * 3600 * (3 + 2 * stages) * BYTES_A_SPAN

    assert jaeger_size(spec).storage == gibibytes * GIB >= 2 * written


def test_memory_is_bounded_whatever_is_asked(make_pipeline: Callable[..., Any]) -> None:
    many = [{"id": f"cam{n}", "source": {"url": "test://"}} for n in range(128)]
    spec = make_pipeline(cameras=many, capture={"encoding": "Raw"}, tracing={"retention": {"traceSeconds": 86400}}).spec

    assert redis_size(spec).limit == 16 * GIB
    assert jaeger_size(spec).storage == 2 * GIB
    assert max_frames(spec) == 1800


def test_a_size_that_is_given_is_kept(make_pipeline: Callable[..., Any]) -> None:
    spec = make_pipeline(
        tracing={"backend": {"managed": {"size": "64Mi"}}}, broker={"retention": {"maxFrames": 7}}
    ).spec

    size = jaeger_size(spec)
    assert size.storage == 64 * 1024**2
    assert size.max_traces * 8 * 2048 == size.storage
    assert max_frames(spec) == 7


def test_slow_cameras_ask_for_little(make_pipeline: Callable[..., Any]) -> None:
    spec = make_pipeline(capture={"framesPerSecond": "0.5"}).spec

    assert max_frames(spec) == 30
    assert redis_size(spec).limit == GIB // 4
    assert jaeger_size(spec).storage == GIB // 4


def test_a_camera_more_mostly_changes_no_size(make_pipeline: Callable[..., Any]) -> None:
    def sizes(count: int) -> tuple[object, object]:
        spec = make_pipeline(cameras=[{"id": f"cam{n}", "source": {"url": "test://"}} for n in range(count)]).spec
        return redis_size(spec), jaeger_size(spec)

    steps = sum(sizes(count) != sizes(count + 1) for count in range(1, 128))
    assert steps <= 10


@pytest.mark.parametrize(
    ("number", "text"),
    [(1023, "1023"), (1024, "1Ki"), (1536 * 1024**2, "1536Mi"), (2 * GIB, "2Gi"), (1024**6, "1024Pi")],
)
def test_quantities_are_written_as_the_api_server_writes_them(number: int, text: str) -> None:
    assert binary_quantity(number) == text


def test_other_sizes_are_another_arithmetic(make_pipeline: Callable[..., Any]) -> None:
    """A version that derives other sizes raises `sizing.ARITHMETIC`: else its upgrade would pass for a changed resource."""
    found = []
    choices = product((1, 5, 128), (None, 1, 30), (None, 640), ("JPEG", "Raw"), (10, 600), ("Memory", "Badger"), (0, 3))
    for cameras, rate, width, encoding, seconds, storage, stages in choices:
        spec = make_pipeline(
            cameras=[{"id": f"cam{n}", "source": {"url": "test://"}} for n in range(cameras)],
            stages=[{"name": f"s{n}", "handler": "motion"} for n in range(stages)],
            capture={"framesPerSecond": rate, "maxWidth": width, "encoding": encoding},
            broker={"retention": {"frameSeconds": seconds}},
            tracing={"backend": {"managed": {"storage": storage}}, "retention": {"traceSeconds": 60 * seconds}},
        ).spec
        found.append([max_frames(spec), asdict(redis_size(spec)), asdict(jaeger_size(spec))])

    assert (ARITHMETIC, short_hash(found)) == (2, "88758a873f2653ca")
