"""What the distribution offers is declared, there, and explained."""

import importlib
import inspect
import pkgutil

import frametrace_api
import pytest

MODULES = sorted(module.name for module in pkgutil.iter_modules(frametrace_api.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_public_names_exist_and_are_explained(name: str) -> None:
    module = importlib.import_module(f"frametrace_api.{name}")

    assert module.__doc__
    assert module.__all__
    assert [public for public in module.__all__ if not hasattr(module, public)] == []
    explained = (getattr(module, public) for public in module.__all__)
    assert [
        item.__name__ for item in explained if (inspect.isclass(item) or inspect.isfunction(item)) and not item.__doc__
    ] == []
