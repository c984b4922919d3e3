"""Opens a session by a kubeconfig, as kubectl finds it, or in a pod by its service account. A composition root."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.incluster_config import SERVICE_HOST_ENV_NAME
from kubernetes.aio.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION
from yaml import YAMLError

from frametrace_operator.plugin.cluster.real import RealCluster
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.forward.real import forward_by_kubectl
from frametrace_operator.plugin.session import Session
from frametrace_operator.redaction import redacted

__all__ = ["connect"]

_POD_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_DEFAULT: Final = "default"


@asynccontextmanager
async def connect(connection: Connection) -> AsyncIterator[Session]:
    """Connect.

    Raises:
        CommandError: if the kubeconfig or its context cannot be used.
    """
    settings = Configuration()
    own_namespace = await _load(settings, connection)
    async with ApiClient(settings) as client:
        connector = aiohttp.TCPConnector(limit=32, ssl=client.rest_client.ssl_context)
        async with aiohttp.ClientSession(connector=connector, trust_env=True) as session:
            yield Session(
                RealCluster(client, session),
                connection.namespace or own_namespace,
                forward=forward_by_kubectl(connection),
            )


async def _load(settings: Configuration, connection: Connection) -> str:
    """Fill the settings in; returns the namespace that they say."""
    file = str(connection.kubeconfig or os.environ.get("KUBECONFIG") or KUBE_CONFIG_DEFAULT_LOCATION)
    wanted = connection.context or None
    there = _is_there(file)
    if not (there or wanted or connection.kubeconfig) and SERVICE_HOST_ENV_NAME in os.environ:
        config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # not annotated
        return _POD_NAMESPACE.read_text(encoding="ascii").strip()
    if not there:
        raise CommandError(f"there is no kubeconfig {file}; --kubeconfig or KUBECONFIG names another", Exit.INVALID)
    try:
        loader: Any = await config.load_kube_config(file, wanted, settings, persist_config=False)  # type: ignore[no-untyped-call]  # as above
    except (ConfigException, YAMLError, OSError, ValueError) as error:
        reason = redacted(" ".join(str(error).split())).removeprefix("Invalid kube-config file. ")
        raise CommandError(
            f"kubeconfig {file}: {reason}; --kubeconfig and --context name others", Exit.INVALID
        ) from None
    return str((loader.current_context.get("context") or {}).get("namespace") or _DEFAULT)


def _is_there(files: str) -> bool:
    return any(Path(part).expanduser().is_file() for part in files.split(os.pathsep) if part)
