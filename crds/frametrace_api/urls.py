"""Addresses of cameras and backends: what may stand in a spec, and that no password does. Must not resolve or open anything."""

import re
from typing import Annotated

from pydantic import Field

from frametrace_api import bounds
from frametrace_api.rules import Rule, cel_text

__all__ = ["BaseUrl", "CameraUrl", "HttpUrl"]

_CHARACTERS = r"[]A-Za-z0-9._~:/?#[@!$&'()*+,;=%-]*"
_USER_INFO = r"^[A-Za-z][A-Za-z0-9+.-]*:/*[^/?#]*@"
_AUTHORITY = r"://([^@/?#]*@)?"
_NAME = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
_HOST = rf"(\[[0-9A-Fa-f:.]+\]|{_NAME})"
"""Of a camera: that an address in brackets is one is left to the capture, as exactness for each camera of many costs the API server too much."""
_H = "[0-9A-Fa-f]{1,4}"
_GROUPS = "|".join(f"({_H}:){{1,{before}}}(:{_H}){{1,{7 - before}}}" for before in range(1, 7))
_V4 = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_QUAD = rf"({_V4}\.){{3}}{_V4}"
_QUADS = "|".join(
    (
        rf"({_H}:){{6}}{_QUAD}",
        rf"({_H}:){{1,5}}:{_QUAD}",
        rf"::({_H}:){{0,5}}{_QUAD}",
        *(rf"({_H}:){{1,{before}}}(:{_H}){{1,{5 - before}}}:{_QUAD}" for before in range(1, 5)),
    )
)
_IPV6 = rf"({_H}:){{7}}{_H}|({_H}:){{1,7}}:|:(:{_H}){{1,7}}|::|{_GROUPS}|{_QUADS}"
_EXACT_HOST = rf"(\[({_IPV6})\]|{_NAME})"
_PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_END = r"([/?#]|$)"


def _url_rule(message: str, *, unless: str = "", must: str = "", must_not: str = "") -> Rule:
    """A rule on an address. It is reported as forbidden: the API server repeats the value of an invalid field, and this one may hold a password."""
    cel = f"self.matches({cel_text(must)})" if must else f"!self.matches({cel_text(must_not)})"
    return Rule(
        cel=f"!self.matches({cel_text(unless)}) || {cel}" if unless else cel,
        message=message,
        holds=lambda url: (
            bool(unless and re.search(unless, url) is None)
            or (re.search(must, url) is not None if must else re.search(must_not, url) is None)
        ),
        reason="FieldValueForbidden",
    )


def _port_rule(schemes: str) -> Rule:
    return _url_rule(
        "the port of a URL must be from 1 to 65535; it may be left out",
        unless=rf"^({schemes})://[^/?#]*:[0-9]*{_END}",
        must=rf"^[a-z]+://[^/?#]*:{_PORT}{_END}",
    )


def _no_credentials(way_out: str) -> Rule:
    return _url_rule(
        f"a URL must not hold a user name or password, which everybody who may read the resource would see; {way_out}",
        must_not=_USER_INFO,
    )


_plain = Rule(
    cel=f"self.matches({cel_text(f'^{_CHARACTERS}$')})",
    message="a URL must hold no spaces, control characters or others outside RFC 3986; percent-encode them, such as %20 for a space",
    holds=lambda url: re.fullmatch(_CHARACTERS, url) is not None,
    reason="FieldValueForbidden",
)

CameraUrl = Annotated[
    str,
    Field(min_length=1, max_length=bounds.MAX_URL),
    _plain,
    _url_rule(
        "a camera's URL must begin with rtsp://, rtsps:// or test:// (a generated picture, no camera needed)",
        must=r"^(rtsp|rtsps|test)://",
    ),
    _no_credentials("put them into a Secret and name it in source.credentialsSecretRef"),
    _url_rule(
        "a camera's URL needs a host: rtsp://<host or address>[:port]/<path>, an IPv6 address in square brackets",
        unless=r"^rtsps?://",
        must=rf"^rtsps?{_AUTHORITY}{_HOST}(:[0-9]*)?{_END}",
    ),
    _port_rule("rtsp|rtsps"),
]
"""rtsp, rtsps or test URL without credentials."""

HttpUrl = Annotated[
    str,
    Field(min_length=1, max_length=bounds.MAX_URL),
    _plain,
    _no_credentials("put credentials into a Secret and name it in the Secret reference beside this field"),
    _url_rule(
        "must be an http:// or https:// URL with a host, such as http://jaeger.observability:4318, an IPv6 address in square brackets",
        must=rf"^https?{_AUTHORITY}{_EXACT_HOST}(:[0-9]*)?{_END}",
    ),
    _port_rule("http|https"),
]
"""http or https URL without credentials."""

BaseUrl = Annotated[
    HttpUrl,
    _url_rule(
        "paths are appended to this URL, so it can hold no query (?) and no fragment (#); end it with its path",
        must=r"^[^?#]*$",
    ),
]
"""http or https URL that paths are appended to."""
