"""Which Secrets a spec names, and where. Pure; must never see a Secret."""

from collections.abc import Iterator

from frametrace_api.spec import CameraPipelineSpec

__all__ = ["named_secrets"]


def named_secrets(spec: CameraPipelineSpec) -> dict[str, tuple[str, ...]]:
    """The names of the Secrets that pods mount, each with the fields that name it."""
    found: dict[str, tuple[str, ...]] = {}
    for name, where in _references(spec):
        found[name] = (*found.get(name, ()), where)
    return found


def _references(spec: CameraPipelineSpec) -> Iterator[tuple[str, str]]:
    for camera in spec.cameras:
        if camera.source.credentials_secret_ref is not None:
            yield camera.source.credentials_secret_ref.name, f"camera {camera.id}"
    if spec.broker.external is not None:
        yield spec.broker.external.url_secret_ref.name, "broker.external.urlSecretRef"
        if spec.broker.external.ca_secret_ref is not None:
            yield spec.broker.external.ca_secret_ref.name, "broker.external.caSecretRef"
    backend = spec.tracing.backend.external
    if backend is not None and backend.headers_secret_ref is not None:
        yield backend.headers_secret_ref.name, "tracing.backend.external.headersSecretRef"
