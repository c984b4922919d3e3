"""A real Argo CD as processes of this machine: its parts are one program under several names, on loopback ports of their own.

Needs `python -m scripts.cluster build argocd`. Knows Argo CD and nothing of what it delivers.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from scripts.cluster.build import binary, missing_binaries
from scripts.servers.processes import await_server, free_port, stop, wait_for
from scripts.servers.redis import RedisServer

__all__ = ["ArgoCd", "require_argocd"]

_PARTS = ("argocd", "argocd-server", "argocd-repo-server", "argocd-application-controller")
_CRDS = ("application-crd.yaml", "appproject-crd.yaml")
_KINDS = ("applications.argoproj.io", "appprojects.argoproj.io")
_RESYNC_SECONDS = 30
_ROOT = Path(__file__).resolve().parents[2]


def require_argocd() -> Path:
    """Return the program's path.

    Raises:
        RuntimeError: it is not built; the message has the command that builds it.
    """
    missing = [name for name in missing_binaries("argocd") if name == "argocd"]
    if missing:
        raise RuntimeError("argocd is not built: run python -m scripts.cluster build argocd (five minutes, once)")
    return binary("argocd")


class ArgoCd:
    """Repository server, application controller and API server, and the Redis between them.

    Args:
        folder: for logs, and all that the processes keep.
        kubeconfig: of the cluster, which this Argo CD delivers to with the rights of the kubeconfig's user.
        namespace: of its settings and Applications; made here, and deleted with `stop`.

    Raises:
        RuntimeError: it is not built, the cluster refused something, or a part does not answer.
    """

    def __init__(self, folder: Path, kubeconfig: Path, namespace: str) -> None:
        self.namespace = namespace
        self._folder, self._kubeconfig = folder, kubeconfig
        self._environment = self._make_environment(require_argocd())
        self._processes: list[subprocess.Popen[bytes]] = []
        self._crds_are_ours = not self.kubectl("get", "crd", *_KINDS, "--ignore-not-found", "-o", "name")
        self._settle_in()
        self._redis = RedisServer(folder)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl with these arguments and return what it prints."""
        return self._run([str(binary("kubectl")), *arguments], stdin)

    def shell(self, script: str) -> str:
        """Run commands as a person does, with `kubectl` and a logged-in `argocd`, from the checkout's root; what they print."""
        return self._run(["bash", "-euo", "pipefail", "-c", script], None)

    def stop(self) -> None:
        """End all parts, and remove from the cluster what was put there for them."""
        for process in reversed(self._processes):
            stop(process)
        self._redis.stop()
        self._release()
        self.kubectl("delete", "namespace", self.namespace, "--wait=false")
        if self._crds_are_ours:
            self.kubectl("delete", "crd", *_KINDS)

    def _release(self) -> None:
        """Take the finalizers off Applications that are left: nobody is there any more to do what they wait for."""
        for name in self.kubectl("get", "applications", "-n", self.namespace, "-o", "name").split():
            patch = json.dumps({"metadata": {"finalizers": None}})
            self.kubectl("patch", name, "-n", self.namespace, "--type=merge", "-p", patch)

    def _make_environment(self, program: Path) -> dict[str, str]:
        programs, temporary = self._folder / "bin", self._folder / "tmp"
        for folder in (programs, temporary):
            folder.mkdir()
        for part in _PARTS:
            (programs / part).symlink_to(program)
        (programs / "git-verify-wrapper.sh").symlink_to(binary("git-verify-wrapper.sh"))
        for tool in ("helm", "kubectl"):
            (programs / tool).symlink_to(binary(tool))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARGOCD_", "GIT_", "HELM_"))}
        return kept | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self._folder),
            "TMPDIR": str(temporary),
            "KUBECONFIG": str(self._kubeconfig),
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_GPG_ENABLED": "false",
        }

    def _settle_in(self) -> None:
        files = [part for name in _CRDS for part in ("-f", str(binary(name)))]
        self.kubectl("apply", "--server-side", "--force-conflicts", *files)
        wait_for(self._are_served, "the API of Argo CD's own kinds")
        self.kubectl("create", "namespace", self.namespace)
        for body in (_settings(), _secret(), _project()):
            self.kubectl("apply", "-n", self.namespace, "-f", "-", stdin=json.dumps(body))

    def _are_served(self) -> bool:
        """Whether the API server knows the kinds; kubectl's own ways fail at a definition that has no conditions yet."""
        items = json.loads(self.kubectl("get", "crd", *_KINDS, "-o", "json"))["items"]
        told = [one for item in items for one in item.get("status", {}).get("conditions") or ()]
        return [one["status"] for one in told if one["type"] == "Established"] == ["True"] * len(_KINDS)

    def _start(self) -> None:
        repositories, port = free_port(), free_port()
        health = [free_port() for _ in range(3)]
        options = f"--plaintext --config {self._folder / 'cli.yaml'}"
        self._environment |= {"ARGOCD_SERVER": f"127.0.0.1:{port}", "ARGOCD_OPTS": options}
        redis = f"127.0.0.1:{self._redis.port}"
        plain = ["--redis", redis, "--logformat", "text"]
        client = [
            "--repo-server",
            f"127.0.0.1:{repositories}",
            "--repo-server-plaintext",
            "--namespace",
            self.namespace,
        ]
        self._launch(
            "argocd-repo-server", health[0], "--disable-tls", "--client-ca-path=", "--address", "127.0.0.1",
            "--port", str(repositories), "--metrics-address", "127.0.0.1", "--metrics-port", str(health[0]), *plain,
        )  # fmt: skip
        self._launch(
            "argocd-application-controller", health[1], "--metrics-port", str(health[1]), "--app-resync", str(_RESYNC_SECONDS),
            "--app-resync-jitter", "0", *client, *plain,
        )  # fmt: skip
        self._launch(
            "argocd-server", port, "--disable-auth", "--insecure", "--address", "127.0.0.1", "--port", str(port),
            "--metrics-address", "127.0.0.1", "--metrics-port", str(health[2]),
            "--dex-server", "http://127.0.0.1:1", *client, *plain,
        )  # fmt: skip

    def _launch(self, part: str, health: int, *arguments: str) -> None:
        log_file = self._folder / f"{part}.log"
        with log_file.open("ab") as log:
            program = str(self._folder / "bin" / part)
            process = subprocess.Popen([program, *arguments], env=self._environment, stdout=log, stderr=log)
        self._processes.append(process)
        await_server(process, lambda: _is_healthy(health), part, log_file)

    def _run(self, command: list[str], stdin: str | None) -> str:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            input=stdin,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[:4])} ended with code {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _settings() -> dict[str, object]:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "labels": labels}}


def _secret() -> dict[str, object]:
    """Without a key of its own, changed settings are silently not read again."""
    labels = {"app.kubernetes.io/part-of": "argocd"}
    key = {"server.secretkey": secrets.token_urlsafe(32)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "argocd-secret", "labels": labels},
        "stringData": key,
    }


def _project() -> dict[str, object]:
    everything = {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    metadata = {"name": "default"}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": metadata, "spec": everything}
