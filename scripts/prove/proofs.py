"""The list of proofs: what is shown, by which command, and how long it may take.

A proof is any command whose last line of output is a JSON object with `figure`, `bar` and `ok`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PROOFS", "Proof"]


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof.

    Attributes:
        name: short, unique; the log's name.
        claim: what is shown, in a reader's words.
        before: what the proof needs, run first from the repository's root; a failure of it is one of the proof.
        command: run from the repository's root.
        limit_seconds: it counts as failed after that, as does what comes before it.
    """

    name: str
    claim: str
    before: tuple[str, ...]
    command: tuple[str, ...]
    limit_seconds: int


PROOFS: tuple[Proof, ...] = (
    Proof(
        "frames-complete",
        "One camera, two stages, 10 minutes on the cluster: every captured frame has a complete trace, by identity",
        ("make", "demo"),
        (".venv/bin/python", "-m", "scripts.prove.frames_complete", "--seconds", "600"),
        1500,
    ),
    Proof(
        "fresh-clone",
        "The README's commands in a fresh clone with empty caches, `make demo` again, then `make test`: all end well; the demo takes "
        "at most 30 minutes cold, 90 seconds warm",
        ("make", "demo-down"),
        (".venv/bin/python", "-m", "scripts.prove.fresh_clone"),
        10800,
    ),
    Proof(
        "tutorial",
        "docs/tutorial.md followed literally in a fresh clone, from nothing to a frame's journey and a rollback on Kubernetes",
        ("make", "demo-down"),
        (".venv/bin/python", "-m", "scripts.prove.tutorial"),
        3600,
    ),
    Proof(
        "generated-resources",
        "10,000 generated resources: each refused by the API server, or made into objects and restricted pods that it takes",
        ("make", "cluster-up"),
        (".venv/bin/python", "-m", "scripts.prove.generated_resources"),
        7200,
    ),
    Proof(
        "coverage",
        "S.1: of 10,000 frames on each transport (memory, Redis, RabbitMQ) every one has a complete trace, by identity",
        (".venv/bin/python", "-m", "scripts.cluster", "build"),
        ("scripts/bench/completeness.py",),
        3600,
    ),
    Proof(
        "search",
        "S.3: with 1,000,000 spans stored, in badger and in memory, any frame is found in less than a second (p99)",
        (".venv/bin/python", "-m", "scripts.cluster", "build"),
        ("scripts/bench/search.py",),
        14400,
    ),
    Proof(
        "overhead",
        "S.2: tracing every frame costs less than 1 % of a 1080p frame's CPU time, 8,000 pairs of frames in one run",
        ("make", "setup"),
        ("scripts/bench/overhead.py",),
        1800,
    ),
    *(
        Proof(
            f"no-loss-{broker}",
            f"100,000 frames on {place}, processes killed 20 times, the broker restarted twice: each is accounted for",
            ("make", "setup"),
            ("scripts/bench/no_loss.py", "--broker", broker),
            3600,
        )
        for broker, place in (
            ("operator-redis", "a Redis in memory as the operator runs it"),
            ("external-redis", "a Redis that writes everything to disk"),
            ("rabbitmq", "RabbitMQ"),
        )
    ),
    Proof(
        "gitops",
        "A pipeline from its commit to its end on a real Argo CD: sync, drift, rollback, actions, deletion; the seconds of each",
        (".venv/bin/python", "-m", "scripts.cluster", "build", "argocd"),
        (".venv/bin/python", "-m", "scripts.prove.gitops"),
        1800,
    ),
    Proof(
        "silent-watches",
        "50 times the API server's packets stop without a reset: each time all changes are carried out within 80 seconds",
        ("make", "cluster-up"),
        (".venv/bin/python", "-m", "scripts.prove.silent_watches"),
        2400,
    ),
    Proof(
        "busy-api-server",
        "For a minute the API server answers 429 with Retry-After to everything: each question waits as long, none is missed",
        ("make", "cluster-up"),
        (".venv/bin/python", "-m", "scripts.prove.busy_api_server"),
        600,
    ),
    Proof(
        "rollback",
        "B.1 to B.3: each trigger five times, from the first bad frame to the last pod without instrumentation in less than 300 seconds",
        ("make", "cluster-up"),
        ("scripts/bench/rollback.py",),
        5400,
    ),
    Proof(
        "left-behind",
        "A rollback that cannot replace a pod ends within its five minutes, names the pod, and replaces it once it can",
        ("make", "cluster-up"),
        (".venv/bin/python", "-m", "scripts.prove.left_behind"),
        1500,
    ),
    Proof(
        "chart",
        "`helm install` to a Ready pipeline, then upgrade, rollback and uninstall: its pods run on through all of it",
        ("make", "cluster-up"),
        (".venv/bin/python", "-m", "scripts.prove.chart"),
        900,
    ),
    Proof(
        "upgrade",
        "From 0.1.0 to this version and back with 50 running pipelines, then with the new runtime: no pod restarts without need, "
        "no status is lost, every frame is accounted for",
        ("make", "cluster-up"),
        (".venv/bin/python", "-m", "scripts.upgrade", "--pipelines", "50"),
        3600,
    ),
    Proof(
        "images-reproducible",
        "Two builds from scratch of the operator's and the runtime's image have the same digest",
        (".venv/bin/python", "-m", "scripts.cluster", "build"),
        (".venv/bin/python", "-m", "scripts.images.reproducible"),
        1800,
    ),
)
