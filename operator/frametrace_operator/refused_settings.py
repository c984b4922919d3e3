"""Refused settings as people read them: the variable, what stands in it, and why that cannot be. Pure."""

from typing import Any, Final

from pydantic import ValidationError

__all__ = ["PREFIX", "refusals"]

PREFIX: Final = "FRAMETRACE_"
"""What the names of the operator's variables begin with."""

_MOST_SHOWN: Final = 100


def refusals(error: ValueError) -> list[str]:
    """One line for each setting that is refused, by the error that reading them raised."""
    if isinstance(error, ValidationError):
        first = {each["loc"][:1]: each for each in reversed(error.errors())}  # the others follow from it
        return [_refusal(each["loc"], each["input"], each["msg"], each["type"]) for each in reversed(first.values())]
    return [str(error)]  # of a variable that is no JSON; it has the setting's name


def _refusal(place: tuple[int | str, ...], value: Any, why: str, kind: str) -> str:
    variable = f"{PREFIX}{place[0]}".upper() if place else "the settings"
    if kind == "missing":
        return f"{variable} is not set"
    shown = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{variable}={shown[:_MOST_SHOWN]}: {why.removeprefix('Value error, ')}"
