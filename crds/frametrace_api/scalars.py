"""Single values with a format of their own: names, ratios, quantities, references. Must not know where they are used."""

from typing import Annotated

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.quantities import BYTES_BODY, bytes_of
from frametrace_api.rules import Rule, matching

__all__ = [
    "LABEL_KEY_BODY",
    "ByteQuantity",
    "CameraId",
    "DnsName",
    "ImageReference",
    "LabelKey",
    "LabelValue",
    "NamespaceName",
    "Percent",
    "Ratio",
    "SecretKey",
    "StageInput",
    "StageName",
    "StorageSize",
]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_DECIMALS = r"(\.[0-9]{1,6})?"
_NO_DECIMALS = r"(\.0{1,6})?"
_RESERVED_STAGES = ("capture", "rtsp-capture")
_DNS_LABEL_WORDS = "must be lower-case letters, digits and hyphens, beginning and ending with a letter or digit"

_not_reserved = Rule(
    cel="!(self in ['capture', 'rtsp-capture'])",
    message="'capture' and 'rtsp-capture' name the capture step itself; give the stage another name",
    holds=lambda name: name not in _RESERVED_STAGES,
)


CameraId = Annotated[
    str, Field(min_length=1, max_length=bounds.MAX_ID), matching(_LABEL, f"a camera's id {_DNS_LABEL_WORDS}")
]
"""DNS label of at most 32 characters."""

StageName = Annotated[
    str,
    Field(min_length=1, max_length=bounds.MAX_ID),
    matching(_LABEL, f"a stage's name {_DNS_LABEL_WORDS}"),
    _not_reserved,
]
"""DNS label of at most 32 characters that is not capture's own name."""

StageInput = Annotated[
    str, Field(min_length=1, max_length=bounds.MAX_ID), matching(_LABEL, f"a stage's input {_DNS_LABEL_WORDS}")
]
"""`capture` or the name of an earlier stage."""

Ratio = Annotated[
    str,
    Field(min_length=1, max_length=10),
    matching(
        rf"0{_DECIMALS}|1{_NO_DECIMALS}",
        'a ratio is a quoted decimal from "0" to "1" with at most six decimals, such as "0.25"',
    ),
]
"""Decimal text from 0 to 1."""

Percent = Annotated[
    str,
    Field(min_length=1, max_length=10),
    matching(
        rf"[0-9]{{1,2}}{_DECIMALS}|100{_NO_DECIMALS}",
        'a percentage is a quoted decimal from "0" to "100" with at most six decimals and no % sign, such as "2.5"',
    ),
]
"""Decimal text from 0 to 100, without a % sign."""

ByteQuantity = Annotated[
    str,
    Field(min_length=1, max_length=bounds.MAX_QUANTITY),
    matching(BYTES_BODY, "must be a whole number of bytes above 0, with a unit from k to P or Ki to Pi, such as 10G"),
]
"""Bytes as a Kubernetes quantity, such as 10G."""

StorageSize = Annotated[
    str,
    Field(min_length=1, max_length=bounds.MAX_QUANTITY),
    matching(BYTES_BODY, "must be a whole number of bytes above 0, with a unit from k to P or Ki to Pi, such as 2Gi"),
    Rule(
        cel="!isQuantity(self) || (quantity(self).compareTo(quantity('64Mi')) >= 0 && quantity(self).compareTo(quantity('64Ti')) <= 0)",
        message="a trace storage is from 64Mi to 64Ti",
        message_expression="'a trace storage is from 64Mi to 64Ti; got ' + self",
        holds=lambda text: bytes_of("64Mi") <= bytes_of(text) <= bytes_of("64Ti"),
    ),
]
"""Bytes of a trace storage, 64Mi to 64Ti."""

ImageReference = Annotated[
    str,
    Field(min_length=1, max_length=bounds.MAX_IMAGE),
    matching(
        r"[A-Za-z0-9\[][A-Za-z0-9._/:@+\[\]-]*",
        "must be an image reference without spaces, such as registry.example.com/team/stage:1.2 or one with a @sha256 digest",
    ),
]
"""Container image reference."""

# Names in the shapes of a Pod: patterns, which cost nothing of the CEL budget where they stand in lists of lists.
DnsName = Annotated[str, Field(min_length=1, max_length=bounds.MAX_DNS_NAME, pattern=rf"^{_LABEL}(\.{_LABEL})*$")]
"""Name of a Secret or ConfigMap."""

NamespaceName = Annotated[str, Field(min_length=1, max_length=bounds.MAX_LABEL_VALUE, pattern=rf"^{_LABEL}$")]
"""Name of a namespace."""

SecretKey = Annotated[str, Field(min_length=1, max_length=bounds.MAX_DNS_NAME, pattern=r"^[-._A-Za-z0-9]+$")]
"""Key in a Secret or ConfigMap."""

LABEL_KEY_BODY = (
    r"([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*/)?"
    r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)

LabelKey = Annotated[str, Field(min_length=1, max_length=bounds.MAX_LABEL_KEY, pattern=rf"^{LABEL_KEY_BODY}$")]
"""Label key with an optional prefix."""

LabelValue = Annotated[str, Field(max_length=bounds.MAX_LABEL_VALUE, pattern=rf"^({_LABEL_NAME})?$")]
"""Label value, may be empty."""
