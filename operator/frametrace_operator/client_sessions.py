"""Client sessions: how the leading replica reaches pods and Jaegers over HTTP. Must not know what they are asked.

All names are resolved by one `Names`, and every address is checked before it is connected to.
"""

import aiohttp

from frametrace_operator.guard.jaeger.real import kept_connections
from frametrace_operator.hooks.checked import CheckedResolver
from frametrace_operator.hooks.names import Names

__all__ = ["session_to_jaegers", "session_to_pods"]


def session_to_pods(names: Names) -> aiohttp.ClientSession:
    """Each pod is read once in some seconds: kept connections to thousands of them would take more memory than all the rest."""
    resolver = CheckedResolver(names=names)
    return _session(aiohttp.TCPConnector(limit=0, force_close=True, use_dns_cache=False, resolver=resolver))


def session_to_jaegers(names: Names) -> aiohttp.ClientSession:
    """Connections are kept: a Jaeger is asked again and again."""
    return _session(kept_connections(CheckedResolver(names=names)))


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    """No cookies: what one tenant's Jaeger sets must not go to another's, nor fill the memory."""
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
