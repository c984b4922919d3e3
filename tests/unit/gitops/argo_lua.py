"""Runs the Lua as Argo CD does: Lua 5.1 with the base and table libraries alone, and an `os` of time and date to be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lupa.lua51 import LuaError, LuaRuntime, lua_type

from scripts.gitops.snippet import CUSTOMIZATION

__all__ = ["LuaError", "act", "discover", "health"]

_BARE = """
local date, time = os.date, os.time
local kept = {_G = true, package = true, table = true}
for _, name in ipairs({"string", "math", "io", "debug", "coroutine", "os", "python"}) do _G[name] = nil end
getmetatable("").__index = nil
package.loaded.os = {date = date, time = time}
for name in pairs(package.loaded) do
  if not kept[name] and name ~= "os" then package.loaded[name] = nil end
end
package.path, package.cpath = "", ""
"""


def _run(script: str, obj: Mapping[str, Any]) -> Any:
    lua = LuaRuntime(unpack_returned_tuples=True, register_builtins=False)
    lua.execute(_BARE)
    lua.globals()["obj"] = lua.table_from(obj, recursive=True)
    return _plain(lua.execute(CUSTOMIZATION.joinpath(script).read_text(encoding="utf-8")))


def _plain(value: Any) -> Any:
    """A Lua table as JSON has it: an empty one is a list, as it is in Argo CD."""
    if lua_type(value) != "table":
        return value
    items = {key: _plain(child) for key, child in value.items()}
    if all(isinstance(key, int) for key in items):
        return [items[key] for key in sorted(items)]
    return items


def health(obj: Mapping[str, Any]) -> dict[str, str]:
    """What Argo CD shows: status and message."""
    found: dict[str, str] = _run("health.lua", obj)
    return found


def discover(obj: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The actions that are offered, by name."""
    found: dict[str, dict[str, Any]] = _run("actions/discovery.lua", obj)
    return found


def act(name: str, obj: Mapping[str, Any]) -> Any:
    """The object after an action; LuaError if the action refuses."""
    return _run(f"actions/{name}/action.lua", obj)
