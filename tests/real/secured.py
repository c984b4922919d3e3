"""Redis and RabbitMQ that want TLS and a password, and the files that a pod would have of them."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from camera_runtime.transports import Broker, connect
from frame_tracking import Topology
from frametrace_api.contract import BrokerContract, PipelineRef
from redis import Redis

from scripts.servers.certificates import LoopbackTLS
from tests.real.processes import free_port
from tests.real.rabbitmq import FAST_FOLDER, RabbitServer
from tests.real.redis import RedisServer

__all__ = ["FIRST_PASSWORD", "Secured", "secured_rabbitmq", "secured_redis"]

FIRST_PASSWORD = "c4nary-s3cret"


@dataclass(frozen=True)
class Secured:
    """A server that wants TLS and a password.

    Attributes:
        kind: as the resource calls it.
        set_password: gives it another password, and ends all connections.
    """

    kind: str
    port: int
    plain_port: int
    tls: LoopbackTLS
    set_password: Callable[[str], None]

    def url(self, password: str, *, scheme: str = "", port: int = 0) -> str:
        """Return a URL with these credentials."""
        own_scheme, own_user, path = {"Redis": ("rediss", "", "/0"), "RabbitMQ": ("amqps", "frames", "/")}[self.kind]
        secret = f":{password}" if password else ""
        return f"{scheme or own_scheme}://{own_user}{secret}@127.0.0.1:{port or self.port}{path}"

    def connect(self, folder: Path, url: str, **files: object) -> Broker:
        """Connect as a pod does: by a file with the URL, which the test may rewrite."""
        (folder / "url").write_text(f"{url}\n")
        contract = BrokerContract.model_validate(
            {
                "type": self.kind,
                "url_file": str(folder / "url"),
                "ca_file": str(self.tls.authority),
                "overflow": "DropNewest",
                **{name: str(path) for name, path in files.items()},
            }
        )
        pipeline = PipelineRef(namespace="test", name="secured", uid=uuid.uuid4().hex)
        return connect(contract, pipeline, lambda: Topology.of([("motion", "capture")]))


@contextmanager
def secured_redis(folder: Path) -> Iterator[Secured]:
    """Run a Redis."""
    tls, port, known = LoopbackTLS.make(folder), free_port(), [FIRST_PASSWORD]
    files = ["--tls-cert-file", str(tls.certificate), "--tls-key-file", str(tls.key)]
    files += ["--tls-ca-cert-file", str(tls.authority), "--tls-auth-clients", "no", "--tls-port", str(port)]
    server = RedisServer(folder, "--requirepass", FIRST_PASSWORD, *files)

    def set_password(password: str) -> None:
        with Redis(port=server.port, password=known[0]) as client:
            client.config_set("requirepass", password)
            client.client_kill_filter(_type="normal", skipme=True)
        known[0] = password

    try:
        yield Secured("Redis", port, server.port, tls, set_password)
    finally:
        server.stop()


@contextmanager
def secured_rabbitmq() -> Iterator[Secured]:
    """Run a RabbitMQ."""
    with tempfile.TemporaryDirectory(prefix="frametrace-rabbitmq-", dir=FAST_FOLDER) as name:
        tls = LoopbackTLS.make(Path(name))
        server = RabbitServer(Path(name), tls=(tls.certificate, tls.key, tls.authority))

        def set_password(password: str) -> None:
            server.control("change_password", "frames", password)
            server.control("close_all_user_connections", "frames", "its password changed")

        try:
            server.control("add_user", "frames", FIRST_PASSWORD)
            server.control("set_permissions", "frames", ".*", ".*", ".*")
            yield Secured("RabbitMQ", server.tls_port, server.port, tls, set_password)
        finally:
            server.stop()
