"""Secrets and ConfigMaps of a pipeline that runs without a cluster: files `<directory>/<name>/<key>`, as mounted ones are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from camera_runtime.run.contracts import ContractError

__all__ = ["SecretFiles"]


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """The directory; None if there is none."""

    directory: Path | None = None

    def path(self, field: str, name: str, key: str) -> str:
        """Return the file of a key.

        Args:
            field: the resource's field that names it, for the error.
            name: the Secret's or ConfigMap's.
            key: in it.

        Raises:
            ContractError: if it is not there.
        """
        if self.directory is None:
            raise ContractError(
                f"{field}: there is no cluster to read {name!r} from; give --secrets DIRECTORY with a file {name}/{key}"
            )
        path = self.directory / name / key
        if not path.is_file():
            raise ContractError(f"{field}: there is no file {path}")
        return str(path)

    def text(self, field: str, name: str, key: str) -> str:
        """Return the content of a key, without a line end at its end.

        Raises:
            ContractError: if it is not there, or is no text.
        """
        path = Path(self.path(field, name, key))
        try:
            return path.read_text().removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"{field}: {path} cannot be read ({type(error).__name__})") from None
