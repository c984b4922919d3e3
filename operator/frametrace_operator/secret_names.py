"""Which keys of which Secrets a spec names, and where. Pure; must never see a Secret's content."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from frametrace_api.references import SecretKeyRef
from frametrace_api.spec import CameraPipelineSpec

__all__ = ["MissingSecret", "SecretUse", "missing_secrets", "named_secrets"]


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A key of a Secret, and the field that names it. `mounted`: pods wait for it; else only the operator reads it."""

    name: str
    key: str
    where: str
    mounted: bool = True


@dataclass(frozen=True, slots=True)
class MissingSecret:
    """A key that is not there, or its whole Secret."""

    use: SecretUse
    has_secret: bool

    @property
    def text(self) -> str:
        """What is missing, for people."""
        if self.has_secret:
            return f"Secret {self.use.name} has no key {self.use.key}"
        return f"Secret {self.use.name} does not exist"


def named_secrets(spec: CameraPipelineSpec) -> tuple[SecretUse, ...]:
    """All keys that pods or the operator read, in the order of the spec."""
    return tuple(_uses(spec))


def missing_secrets(
    uses: Collection[SecretUse], found: Mapping[str, Collection[str] | None]
) -> tuple[MissingSecret, ...]:
    """What is missing, by the keys of each Secret that were found (None: there is no such Secret)."""
    keys = ((use, found[use.name]) for use in uses)
    return tuple(MissingSecret(use, has is not None) for use, has in keys if has is None or use.key not in has)


def _uses(spec: CameraPipelineSpec) -> Iterator[SecretUse]:
    for camera in spec.cameras:
        login = camera.source.credentials_secret_ref
        if login is not None:
            for key in (login.username_key, login.password_key):
                yield SecretUse(login.name, key, f"camera {camera.id}")
    for where, reference in _references(spec):
        if reference is not None:
            yield SecretUse(reference.name, reference.key, where)
    external = spec.tracing.backend.external
    token = external.purge.webhook.secret_ref if external is not None and external.purge is not None else None
    if token is not None:
        yield SecretUse(token.name, token.key, "tracing.backend.external.purge.webhook.secretRef", mounted=False)


def _references(spec: CameraPipelineSpec) -> Iterator[tuple[str, SecretKeyRef | None]]:
    broker, backend = spec.broker.external, spec.tracing.backend.external
    if broker is not None:
        yield "broker.external.urlSecretRef", broker.url_secret_ref
        yield "broker.external.caSecretRef", broker.ca_secret_ref
    if backend is not None:
        yield "tracing.backend.external.headersSecretRef", backend.headers_secret_ref
