"""A real Prometheus on a loopback port of its own, with Frametrace's rules."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from scripts.monitoring.rules import RULE_FILE
from scripts.servers.processes import await_server, free_port, stop

__all__ = ["PrometheusServer"]


class PrometheusServer:
    """A Prometheus that scrapes every second and keeps exemplars.

    Args:
        folder: for its configuration, its log and its data.
        targets: host:port of what it scrapes, `/metrics` each; their own labels win.
        rules: rule files.

    Raises:
        RuntimeError: if Prometheus is not installed.
    """

    def __init__(self, folder: Path, targets: Sequence[str], rules: Sequence[Path] = (RULE_FILE,)) -> None:
        binary = shutil.which("prometheus")
        if not binary:
            raise RuntimeError("prometheus is not installed (apt-get install prometheus)")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config, log_file = folder / "prometheus.json", folder / "prometheus.log"
        config.write_text(json.dumps(_config(targets, rules)))
        command = [binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"]
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        await_server(self._process, self._answers, "prometheus", log_file)

    def stop(self) -> None:
        """End it."""
        stop(self._process)

    def query(self, expr: str) -> list[Any]:
        """Return what an expression gives now: series with their labels and value.

        Raises:
            ValueError: if Prometheus refuses it; the message is its own.
        """
        answer = self.ask("/api/v1/query", query=expr)
        result: list[Any] = answer["result"]
        return result

    def exemplars(self, selector: str, start: float, end: float) -> list[dict[str, str]]:
        """Return the labels of the exemplars that series had between two times, in seconds since 1970."""
        found = self.ask("/api/v1/query_exemplars", query=selector, start=str(start), end=str(end))
        return [exemplar["labels"] for series in found or () for exemplar in series["exemplars"]]

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the `data` of an answer of its API.

        Raises:
            ValueError: if Prometheus refuses the question; the message is its own.
        """
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error).get("error", f"HTTP {error.code}")) from error

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:  # noqa: S310 - loopback
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, OSError):
            return False


def _config(targets: Sequence[str], rules: Sequence[Path]) -> dict[str, object]:
    scrape = {"job_name": "frametrace", "honor_labels": True, "static_configs": [{"targets": list(targets)}]}
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [scrape],
    }
