"""Where an HTTP request goes: the address itself, or the proxy that the environment names for it."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["checked", "credentials", "host_and_port", "proxy_to"]


def checked(url: str) -> SplitResult:
    """Return the parts of an address.

    Raises:
        ValueError: if it is none that can be posted to; the message holds no part of it that may be a password.
    """
    place = urlsplit(url)
    if place.scheme not in {"http", "https"} or not place.hostname:
        raise ValueError(
            f"{place._replace(netloc=place.netloc.rpartition('@')[2]).geturl()!r} is no http or https address"
        )
    try:
        host_and_port(place)
    except ValueError:
        raise ValueError(
            "the address has no valid port (a / ? # or @ in a user or password is written as %2F %3F %23 %40)"
        ) from None
    return place


def host_and_port(place: SplitResult) -> tuple[str, int]:
    """Return what to connect to.

    Raises:
        ValueError: if the port is none.
    """
    return place.hostname or "", place.port or (443 if place.scheme == "https" else 80)


def credentials(header: str, place: SplitResult) -> dict[str, str]:
    """Return the header of HTTP's basic authorization that an address's user and password make; empty without a user."""
    if place.username is None:
        return {}
    pair = f"{unquote(place.username)}:{unquote(place.password or '')}"
    return {header: f"Basic {b64encode(pair.encode()).decode()}"}


def proxy_to(place: SplitResult) -> SplitResult | None:
    """Return the proxy that `http_proxy`, `https_proxy` or `all_proxy` name, unless `no_proxy` has the host or its network.

    Raises:
        ValueError: if it is none that can be used.
    """
    proxies, host = getproxies(), place.hostname or ""
    address = proxies.get(place.scheme) or proxies.get("all", "")
    if not address or proxy_bypass(host) or _is_in(host, proxies.get("no", "")):
        return None
    proxy = checked(address if "://" in address else f"http://{address}")
    if proxy.scheme != "http":  # its credentials would go over the wire in the clear
        raise ValueError("a proxy is asked by http only: write http:// in http_proxy, https_proxy or all_proxy")
    return proxy


def _is_in(host: str, networks: str) -> bool:
    """Tell whether an IP address is in one of the networks that a list names among hosts (`10.0.0.0/8`)."""
    with suppress(ValueError):
        address = ip_address(host)
        return any(address in network for each in networks.split(",") for network in _network(each.strip()))
    return False


def _network(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    with suppress(ValueError):
        return (ip_network(text, strict=False),)
    return ()
