"""A kind as the official client's dynamic part wants it, without asking the server: the table of kinds is fixed."""

from typing import Any

from kubernetes.aio.dynamic.resource import Resource

from frametrace_operator.kube.kinds import Kind

__all__ = ["resource_of"]


def resource_of(kind: Kind, client: Any) -> Resource:
    """The resource; `client` is a `DynamicClient`."""
    return Resource(  # type: ignore[no-untyped-call]  # the library is not annotated
        prefix="apis" if kind.group else "api",
        group=kind.group or None,
        api_version=kind.version,
        kind=kind.kind,
        name=kind.plural,
        namespaced=True,
        client=client,
    )
