"""Reads the two files that the operator mounts, and says in one line what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from frametrace_api.contract import CaptureContract, LiveContract, PageContract, StageContract, parse_process_contract
from pydantic import ValidationError

__all__ = ["ContractError", "read_live", "read_process"]

_Role = TypeVar("_Role", CaptureContract, StageContract, PageContract)


class ContractError(Exception):
    """A contract cannot be used; the message is one line for people."""


def read_process(path: str, role: type[_Role]) -> _Role:
    """Read the process's contract.

    Raises:
        ContractError: if the file cannot be read, or is no contract of this role.
    """
    try:
        contract = parse_process_contract(_read(path))
    except ValidationError as error:
        raise ContractError(f"{path} is no process contract: {_first(error)}") from None
    if not isinstance(contract, role):
        raise ContractError(f"{path} is for the role {contract.role!r}")
    return contract


def read_live(path: str) -> LiveContract:
    """Read the live contract once.

    Raises:
        ContractError: if the file cannot be read, or is no live contract.
    """
    try:
        return LiveContract.model_validate_json(_read(path))
    except ValidationError as error:
        raise ContractError(f"{path} is no live contract: {_first(error)}") from None


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}") from None


def _first(error: ValidationError) -> str:
    """Return the first complaint, without the value: it may hold what must not be shown."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{more}"
