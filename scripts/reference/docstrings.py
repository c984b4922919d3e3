"""The sentences that stand beneath constants and fields in a class's or a module's source, by their names. Pure."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from types import ModuleType

__all__ = ["docstrings", "docstrings_of_module"]


def docstrings(of: type) -> dict[str, str]:
    """Return the text right below each assignment in a class's body, in one line; names without one are left out."""
    [body] = [
        node.body for node in ast.parse(textwrap.dedent(inspect.getsource(of))).body if isinstance(node, ast.ClassDef)
    ]
    return _beneath(body)


def docstrings_of_module(module: ModuleType) -> dict[str, str]:
    """Return the text right below each assignment of a module itself, in one line; names without one are left out."""
    return _beneath(ast.parse(inspect.getsource(module)).body)


def _beneath(body: list[ast.stmt]) -> dict[str, str]:
    found = {}
    for node, below in pairwise(body):
        name = _assigned(node)
        if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[name] = " ".join(str(below.value.value).split())
    return found


def _assigned(node: ast.stmt) -> str:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")
