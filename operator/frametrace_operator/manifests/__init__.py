"""Manifests: a pipeline and a platform become the objects that the pipeline owns. Pure; one module a kind.

Knows the custom resource, the contract and Kubernetes' kinds. Must not know a cluster, a client, a clock or a file.
"""

from frametrace_operator.manifests.checks import InvalidManifestError
from frametrace_operator.manifests.child import Child, ChildKey, rendered_hash
from frametrace_operator.manifests.collect import children
from frametrace_operator.manifests.endpoints import jaeger_query_url
from frametrace_operator.naming import RENDERED_HASH

__all__ = [
    "RENDERED_HASH",
    "Child",
    "ChildKey",
    "InvalidManifestError",
    "children",
    "jaeger_query_url",
    "rendered_hash",
]
