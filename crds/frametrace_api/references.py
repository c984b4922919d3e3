"""References to Secrets and ConfigMaps in the pipeline's own namespace. Knows their shape; must never see their content."""

from pydantic import ConfigDict

from frametrace_api.base import ApiModel
from frametrace_api.scalars import DnsName, SecretKey

__all__ = ["LocalObjectReference", "SecretKeyRef", "UserPasswordSecretRef"]

_ATOMIC = ConfigDict(json_schema_extra={"x-kubernetes-map-type": "atomic"})


class LocalObjectReference(ApiModel):
    """A Secret as a whole, by name."""

    model_config = _ATOMIC

    name: DnsName
    """Name of the Secret, in the pipeline's namespace."""


class SecretKeyRef(ApiModel):
    """One key of a Secret."""

    model_config = _ATOMIC

    name: DnsName
    """Name of the Secret, in the pipeline's namespace."""
    key: SecretKey
    """Key in the Secret whose value is used."""


class UserPasswordSecretRef(ApiModel):
    """A Secret with a user name and a password, as `kubectl create secret generic --type=kubernetes.io/basic-auth` makes it."""

    model_config = _ATOMIC

    name: DnsName
    """Name of the Secret, in the pipeline's namespace."""
    username_key: SecretKey = "username"
    """Key that holds the user name. Left out: username."""
    password_key: SecretKey = "password"  # noqa: S105 (a key's name)
    """Key that holds the password. Left out: password."""
