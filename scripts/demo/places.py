"""Names, ports and files of the demo, in one place. Computes; starts nothing."""

from __future__ import annotations

from pathlib import Path

from scripts.cluster.paths import state_root

__all__ = [
    "CAMERAS",
    "EXAMPLE",
    "JAEGER_PORT",
    "LABEL",
    "MANIFESTS",
    "MONITORING",
    "OTLP_PORT",
    "PROMETHEUS_PORT",
    "RELEASE",
    "ROOT",
    "RULES",
    "SYSTEM",
    "state",
]

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = Path(__file__).with_name("manifests")
EXAMPLE = ROOT / "docs" / "examples" / "camera.yaml"
RULES = ROOT / "dashboards" / "rules" / "frametrace.rules.yaml"

RELEASE = "frametrace"
SYSTEM, CAMERAS, MONITORING = "frametrace-system", "cameras", "monitoring"
#: Marks the namespaces that the demo made; only these does it remove.
LABEL = "frametrace.dev/demo"

JAEGER_PORT, OTLP_PORT, PROMETHEUS_PORT = 16686, 4318, 9090


def state() -> Path:
    """Folder of the demo's logs and process records, in the user's state directory."""
    return state_root() / "demo"
