"""Combinations of values that people install the chart with."""

from __future__ import annotations

from typing import Any

__all__ = ["COMBINATIONS"]

_DIGEST = "registry.example:5000/frametrace/operator@sha256:" + "a" * 64
_FOR_PROMETHEUS_AND_GRAFANA = {kind: {"enabled": True} for kind in ("podMonitor", "prometheusRule", "dashboards")}
_PLACED = {
    "nodeSelector": {"a": "b"},
    "tolerations": [{"key": "edge", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}],
    "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}},
    "priorityClassName": "system-cluster-critical",
}

COMBINATIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "two replicas": {"replicas": 2},
    "five replicas, spread or not at all": {"replicas": 5, "spread": {"whenUnsatisfiable": "DoNotSchedule"}},
    "two replicas anywhere": {"replicas": 2, "spread": {"enabled": False}, "podDisruptionBudget": {"enabled": False}},
    "no CRD": {"crds": {"install": False}},
    "CRD goes with the chart": {"crds": {"keep": False}},
    "a shard": {"shard": "yard-1"},
    "two namespaces": {"watchNamespaces": ["cameras", "yard"]},
    "no right of the whole cluster": {
        "watchNamespaces": ["yard"], "crds": {"install": False}, "rbac": {"aggregate": False}
    },
    "roles by somebody else": {"rbac": {"create": False, "aggregate": False}},
    "camera networks": {"cameraNetworks": {"allow": ["10.0.0.0/8", "fd00::/8"], "deny": ["10.96.0.0/16"]}},
    "an account of one's own": {"serviceAccount": {"create": False, "name": "mine"}},
    "a registry of one's own": {"images": {"registry": "registry.example:5000/cameras", "pullSecrets": ["pull", "registry.example.com"]}},
    "images by digest": {"images": {"operator": _DIGEST, "runtime": _DIGEST, "redis": _DIGEST, "jaeger": _DIGEST}},
    "resources of pods": {"pipelineResources": {"capture": {"requests": {"cpu": 1}}, "stage": {}}},
    "resources of the operator": {"resources": {"requests": {"cpu": 0.5, "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}}},
    "placed": _PLACED,
    "placed and many": {"replicas": 3, **_PLACED},
    "for Prometheus and Grafana": _FOR_PROMETHEUS_AND_GRAFANA,
    "a network policy": {"networkPolicy": {"enabled": True}},
    "a narrow network policy": {
        "networkPolicy": {
            "enabled": True,
            "from": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "dnsPorts": [53, 1053],
            "apiServerPorts": [6443],
            "extraEgress": [{"to": [{"ipBlock": {"cidr": "10.9.0.0/16"}}], "ports": [{"port": 16686}]}],
        }
    },
    "annotated": {"podAnnotations": {"a": "b"}, "podLabels": {"team": "yard"}, "serviceAccount": {"annotations": {"c": "d"}}},
    "more environment": {
        "extraEnv": [
            {"name": "HTTPS_PROXY", "value": "http://proxy:3128"},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        ]
    },
    "a large fleet": {"operator": {"workers": 32, "pollSeconds": 5, "resyncSeconds": 300}, "log": {"level": "WARNING"}},
    "a dependency under a condition": {"enabled": True},
    "networks of every form": {
        "cameraNetworks": {
            "allow": ["192.0.2.7/32", "255.255.255.255/32", "::1/128", "2001:db8::/32", "1:2:3:4:5:6:7:8/128"],
            "deny": ["0.0.0.0/0", "::/0"],
        }
    },
    "users of the cluster's choice": {"podSecurityContext": {"runAsUser": None, "runAsGroup": None}},
    "everything": {
        "replicas": 2,
        "watchNamespaces": ["cameras", "yard"],
        "networkPolicy": {"enabled": True},
        **_FOR_PROMETHEUS_AND_GRAFANA,
    },
}  # fmt: skip
