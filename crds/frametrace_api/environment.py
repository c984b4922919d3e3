"""Environment variables of a container, in the shape of a Pod's. Knows which names are the operator's own."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.lists import Listed
from frametrace_api.rules import Rule, matching
from frametrace_api.scalars import DnsName, SecretKey

__all__ = [
    "RESERVED_ENV",
    "RESERVED_ENV_PREFIX",
    "SERVICE_NAME",
    "EnvList",
    "EnvVar",
    "EnvVarSource",
    "FieldRef",
    "KeySelector",
    "merged_env",
]

RESERVED_ENV = (
    "OTEL_SDK_DISABLED",
    "OTEL_CONFIG_FILE",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
)
RESERVED_ENV_PREFIX = "FRAMETRACE_"
SERVICE_NAME = "OTEL_SERVICE_NAME"
"""Reserved, too: journeys are searched by the service of captures, and their hops are told by those of stages."""
_RESERVED_WORDS = "is set by the operator itself (another value would make a rollback of tracing ineffective); use spec.tracing instead, and no name that begins with FRAMETRACE_"

_not_reserved = Rule(
    cel=f"!(self in [{', '.join(repr(name) for name in RESERVED_ENV)}]) && !self.startsWith('{RESERVED_ENV_PREFIX}')",
    message=f"this variable {_RESERVED_WORDS}",
    message_expression=f"self + ' {_RESERVED_WORDS}'",
    holds=lambda name: name not in RESERVED_ENV and not name.startswith(RESERVED_ENV_PREFIX),
    reason="FieldValueForbidden",
)
_not_the_service = Rule(
    cel=f"self != '{SERVICE_NAME}'",
    message=f"{SERVICE_NAME} is set by the operator itself (by another value no journey would be found, or each would lack a hop); remove it: a name of yours can be an attribute, such as app.name=reader in OTEL_RESOURCE_ATTRIBUTES",
    holds=lambda name: name != SERVICE_NAME,
    reason="FieldValueForbidden",
    later=True,
)

EnvName = Annotated[
    str,
    Field(min_length=1, max_length=128),
    matching(
        r"[A-Za-z_][A-Za-z0-9_]*",
        "an environment variable's name is letters, digits and underscores, not beginning with a digit",
    ),
    _not_reserved,
    _not_the_service,
]

EnvValue = Annotated[
    str, Field(max_length=bounds.MAX_ENV_VALUE, pattern=r"^[^\x00]*$")
]  # no process can be given a NUL

_FIELDS = r"metadata\.(name|namespace|uid|(labels|annotations)\['[A-Za-z0-9./_-]+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?)"


class KeySelector(ApiModel):
    """One key of a Secret or ConfigMap in the pipeline's namespace."""

    name: DnsName
    """Name of the object, in the pipeline's namespace."""
    key: SecretKey
    """Key in the object whose value is used."""
    optional: bool | None = None
    """Whether the pod may start when the object or the key is missing. Left out: false."""


class FieldRef(ApiModel):
    """A field of the pod itself."""

    api_version: Literal["v1"] | None = None
    """Version of the Pod schema that fieldPath is written in. Left out: v1."""
    field_path: Annotated[str, Field(min_length=1, max_length=512, pattern=rf"^({_FIELDS})$")]
    """The pod's field, such as spec.nodeName or metadata.labels['app']."""


class EnvVarSource(ApiModel):
    """Where a variable's value comes from; exactly one of its fields."""

    secret_key_ref: KeySelector | None = None
    """A key of a Secret in the pipeline's namespace."""
    config_map_key_ref: KeySelector | None = None
    """A key of a ConfigMap in the pipeline's namespace."""
    field_ref: FieldRef | None = None
    """A field of the pod itself."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="[has(self.secretKeyRef), has(self.configMapKeyRef), has(self.fieldRef)].filter(given, given).size() == 1",
            message="set exactly one of secretKeyRef, configMapKeyRef and fieldRef",
            holds=lambda source: (
                sum(ref is not None for ref in (source.secret_key_ref, source.config_map_key_ref, source.field_ref))
                == 1
            ),
        ),
    )


class EnvVar(ApiModel):
    """One environment variable."""

    name: EnvName
    """Name of the variable. Refused, for the operator sets them: OTEL_SDK_DISABLED, OTEL_CONFIG_FILE, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SERVICE_NAME, and every name that begins with FRAMETRACE_. Any other wins over the operator's."""
    value: EnvValue | None = None
    """Value of the variable. Left out: empty, or what valueFrom says."""
    value_from: EnvVarSource | None = None
    """Where the value comes from instead. Left out: value is used."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="!has(self.value) || !has(self.valueFrom)",
            message="a variable has a value or a valueFrom, not both; remove one",
            holds=lambda variable: variable.value is None or variable.value_from is None,
            field_path=".valueFrom",
        ),
    )


EnvList = Annotated[tuple[EnvVar, ...], Listed(at_most=bounds.MAX_ENV, key="name")]


def merged_env(general: tuple[EnvVar, ...], own: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    """The variables of one container, by name: its own win over the pod's, order kept."""
    return tuple(
        ({variable.name: variable for variable in general} | {variable.name: variable for variable in own}).values()
    )
