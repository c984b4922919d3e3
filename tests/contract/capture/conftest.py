"""Cameras for the capture tests: real ones of this machine, and hostile ones that say what a test tells them to."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.decoder.feed import DecoderFeed, DecoderPool
from camera_runtime.capture.decoder.job import PictureSettings
from camera_runtime.capture.dial import Resolve, resolve
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.rtsp import CredentialFiles, RtspPath
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scripts.camera.clip import ClipSpec
from scripts.camera.local import CameraOptions, running_camera

CANARY = "c4nary/s3cret %&@:x"
SMALL = ClipSpec(640, 360, 15)
LOOPBACK = NetworkRule.of(["127.0.0.0/8"], [])


@pytest.fixture(scope="session")
def camera_url() -> Iterator[str]:
    """A camera without login."""
    with running_camera(CameraOptions(clip=SMALL, port=0)) as url:
        yield url


@pytest.fixture(scope="session", params=["digest", "basic"])
def locked_camera_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A camera that asks for a login: `admin` with the canary as password."""
    basic = request.param == "basic"
    with running_camera(CameraOptions(clip=SMALL, port=0, user="admin", password=CANARY, basic=basic)) as url:
        yield url


@pytest.fixture
def secret(tmp_path: Path) -> CredentialFiles:
    """The files of a mounted Secret with the canary."""
    (tmp_path / "username").write_text("admin")
    (tmp_path / "password").write_text(f"{CANARY}\n")
    return CredentialFiles(str(tmp_path / "username"), str(tmp_path / "password"))


@pytest.fixture(scope="session")
def pool() -> Iterator[DecoderPool]:
    """Decoders, kept between tests as between connections."""
    made = DecoderPool()
    yield made
    made.close()


@pytest.fixture
def feed(pool: DecoderPool) -> Iterator[Callable[..., DecoderFeed]]:
    """Make feeds, as pods have them, that are closed in the end."""
    made: list[DecoderFeed] = []

    def new(
        url: str,
        files: CredentialFiles | None = None,
        rule: NetworkRule = LOOPBACK,
        resolver: Resolve = resolve,
        settings: PictureSettings | None = None,
    ) -> DecoderFeed:
        path = RtspPath(RtspAddress.parse(url), files or CredentialFiles(), rule, resolver)
        made.append(DecoderFeed(path, settings or PictureSettings(), pool))
        return made[-1]

    yield new
    for each in made:
        each.close()


class Server:
    """A TCP server on loopback that hands every connection to `talk`; keeps all that it was sent."""

    def __init__(self, talk: Callable[[Server, socket.socket], None]) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"rtsp://127.0.0.1:{self.port}/cam01"
        self.connections = 0
        self.received = b""
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def read(self, connection: socket.socket) -> bytes:
        data = connection.recv(65536)
        self.received += data
        return data

    def stop(self) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while not self.ended.is_set():
            connection, _ = self._listener.accept()
            if self.ended.is_set():
                connection.close()
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._talk(self, connection)


@pytest.fixture
def server() -> Iterator[Callable[[Callable[[Server, socket.socket], None]], Server]]:
    """Start servers that are stopped in the end."""
    made: list[Server] = []

    def new(talk: Callable[[Server, socket.socket], None]) -> Server:
        made.append(Server(talk))
        return made[-1]

    yield new
    for each in made:
        each.stop()


@pytest.fixture
def rtsp(server: Callable[[Callable[[Server, socket.socket], None]], Server]) -> Callable[[dict[str, str]], Server]:
    """Start an RTSP server that answers methods from a table; `{port}` is its own port, `{cseq}` the request's."""

    def new(answers: dict[str, str]) -> Server:
        def talk(self: Server, connection: socket.socket) -> None:
            while request := self.read(connection):
                method, cseq = request.split(b" ", 1)[0].decode(), request.split(b"CSeq: ")[1].split(b"\r")[0].decode()
                answer = answers.get(method, "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n\r\n")
                connection.sendall(answer.replace("{cseq}", cseq).replace("{port}", str(self.port)).encode())

        return server(talk)

    return new


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key and its self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "camera.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_camera_url(
    camera_url: str, certificate: Path, server: Callable[[Callable[[Server, socket.socket], None]], Server]
) -> str:
    """The camera behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    target = RtspAddress.parse(camera_url)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

    def talk(_self: Server, connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as secure,
            socket.create_connection((target.host, target.port)) as plain,
        ):
            back = threading.Thread(target=pump, args=(plain, secure), daemon=True)
            back.start()
            pump(secure, plain)
            plain.shutdown(socket.SHUT_RDWR)
            back.join(10)

    return f"rtsps://127.0.0.1:{server(talk).port}{target.target}"
