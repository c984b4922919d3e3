"""Tells the demo's Prometheus which pods to scrape: runs beside it, because Debian's build knows no Kubernetes discovery.

Lists the pods of Frametrace by the API, with the pod's own account, and writes Prometheus's file of targets. Standard library only:
it is mounted as it is into a Python image.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

__all__ = ["main", "targets"]

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_SELECTOR = "app.kubernetes.io%2Fpart-of%3Dframetrace%2Cframetrace.dev%2Frole%21%3Dpage"
"""Frametrace's pods but for journey pages, which have a port of that name and no metrics."""

_PORT_NAME = "http"
_PAUSE_SECONDS = 3.0


def targets(pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the scrape targets of running pods, one for each port named ``http``, in a stable order."""
    found = [
        {"targets": [f"{pod['status']['podIP']}:{port['containerPort']}"], "labels": {"pod": pod["metadata"]["name"]}}
        for pod in pods
        if pod["status"].get("phase") == "Running" and pod["status"].get("podIP")
        for container in pod["spec"]["containers"]
        for port in container.get("ports", [])
        if port.get("name") == _PORT_NAME
    ]
    return sorted(found, key=lambda target: str(target["targets"]))


def main() -> None:
    """Write the targets to the file that the command line names, again and again."""
    file = Path(sys.argv[1])
    while True:
        try:
            text = json.dumps(targets(_pods()))
        except OSError as error:
            print(f"the API does not answer: {error}", file=sys.stderr, flush=True)
        else:
            part = file.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            part.replace(file)
        time.sleep(_PAUSE_SECONDS)


def _pods() -> list[dict[str, Any]]:
    address = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
    token = (_ACCOUNT / "token").read_text(encoding="ascii")
    request = urllib.request.Request(  # noqa: S310 - always https
        f"{address}/api/v1/pods?labelSelector={_SELECTOR}", headers={"Authorization": f"Bearer {token}"}
    )
    context = ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, timeout=10, context=context) as response:  # noqa: S310 - always https
        items: list[dict[str, Any]] = json.load(response)["items"]
    return items


if __name__ == "__main__":
    main()
