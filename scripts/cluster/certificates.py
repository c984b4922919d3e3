"""Makes the cluster's certificate authorities and certificates: random, new for every cluster, readable by the owner only."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scripts.cluster.pins import BRIDGE_ADDRESS, CLUSTER_DOMAIN, NODE, SERVICE_ADDRESS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CLIENTS", "Authority", "Identity", "ensure_certificates", "issue", "make_authority", "write_private"]

_LIFETIME = dt.timedelta(days=365)
_CLOCK_TOLERANCE = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a certificate is for.

    Args:
        user: Common name; Kubernetes' user.
        groups: Organisations; Kubernetes' groups.
        names: DNS names it serves under.
        addresses: IP addresses it serves under.
        authority: The file stem of the authority that signs it.
    """

    user: str
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    authority: str = "ca"


# Clients with a kubeconfig of their own.
CLIENTS = {
    "admin": Identity("frametrace-admin", ("system:masters",)),
    "kubelet": Identity(f"system:node:{NODE}", ("system:nodes",)),
    "kube-controller-manager": Identity("system:kube-controller-manager"),
    "kube-scheduler": Identity("system:kube-scheduler"),
    "kube-proxy": Identity("system:kube-proxy"),
}
_SERVERS = {
    "apiserver": Identity(
        "kube-apiserver",
        names=(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            f"kubernetes.default.svc.{CLUSTER_DOMAIN}",
            "localhost",
        ),
        addresses=("127.0.0.1", BRIDGE_ADDRESS, SERVICE_ADDRESS),
    ),
    "apiserver-kubelet-client": Identity("kube-apiserver-kubelet-client", ("system:masters",)),
    "kubelet-server": Identity(
        f"system:node:{NODE}", ("system:nodes",), names=(NODE,), addresses=(BRIDGE_ADDRESS, "127.0.0.1")
    ),
    "etcd": Identity("etcd", names=("localhost",), addresses=("127.0.0.1",), authority="etcd-ca"),
    "apiserver-etcd-client": Identity("kube-apiserver", authority="etcd-ca"),
}
_COMPLETE = "complete"


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.rename(path)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(identity: Identity) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in identity.groups]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, identity.user)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_TOLERANCE)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def _save(folder: Path, stem: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    write_private(folder / f"{stem}.key", _pem(key))
    write_private(folder / f"{stem}.crt", certificate.public_bytes(serialization.Encoding.PEM))


def make_authority(folder: Path, stem: str) -> Authority:
    """Make an authority's key and certificate, files `<stem>.key` and `<stem>.crt`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(Identity(f"frametrace-{stem}"))
    certificate = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _save(folder, stem, certificate, key)
    return Authority(certificate, key)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def issue(folder: Path, stem: str, identity: Identity, authority: Authority) -> None:
    """Make a key and a certificate that `authority` signs, files `<stem>.key` and `<stem>.crt`."""
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [
        *map(x509.DNSName, identity.names),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in identity.addresses),
    ]
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if alternatives else [])]
    builder = (
        _builder(_name(identity), authority.certificate.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    _save(folder, stem, builder.sign(authority.key, hashes.SHA256()), key)


def _make_service_account_keys(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_private(folder / "service-accounts.key", _pem(key))
    write_private(folder / "service-accounts.pub", public)


def ensure_certificates(folder: Path) -> None:
    """Make all keys and certificates unless a whole set is there; a torn set is made anew."""
    if (folder / _COMPLETE).exists():
        return
    authorities = {stem: make_authority(folder, stem) for stem in ("ca", "etcd-ca")}
    for stem, identity in {**CLIENTS, **_SERVERS}.items():
        issue(folder, stem, identity, authorities[identity.authority])
    _make_service_account_keys(folder)
    write_private(folder / _COMPLETE, b"")
