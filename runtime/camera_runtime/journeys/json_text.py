"""A JSON text read value by value, so that a list of a million things takes no more memory than the longest of them.

The library's own parser wants a whole text. Here it gets what is in a buffer, which grows only while a value goes on beyond its end.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

__all__ = ["JsonText"]

_CHUNK: Final = 1 << 18
_LARGEST: Final = 32_000_000
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


class JsonText:
    """A text of one or several JSON values, from its begin to its end. All methods raise ValueError if it is none.

    Args:
        file: where it is read from, in UTF-8.
        largest: characters of one value that is read at once.

    Attributes:
        bytes_read: how far the file was read.
    """

    def __init__(self, file: BinaryIO, largest: int = _LARGEST) -> None:
        self._file, self._largest = file, largest
        self._decode = getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at = "", 0
        self._ended = False
        self.bytes_read = 0

    def peek(self) -> str:
        """Return the next character that is no white space, and leave it there; nothing at the text's end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self) -> Any:
        """Return the next value, whole."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("values lie too deep in one another") from None
            except json.JSONDecodeError as error:  # wrong, or cut off by the buffer's end
                if not self._more():
                    place = self.bytes_read - len(self._text) + error.pos
                    raise ValueError(f"{error.msg.lower()}, near byte {place}") from None
                continue
            if end < len(self._text) or not self._more():
                self._at = end
                return found

    def elements(self) -> Iterator[None]:
        """Stop before each element of the list that comes next: whoever asks takes it by `value`."""
        self._expect("[")
        if self._took("]"):
            return
        while True:
            yield
            if self._took("]"):
                return
            self._expect(",")

    def members(self) -> Iterator[str]:
        """Yield the key of each member of the object that comes next: whoever asks takes its value."""
        self._expect("{")
        if self._took("}"):
            return
        while True:
            if self.peek() != '"':
                raise ValueError("a key is missing")
            key = str(self.value())
            self._expect(":")
            yield key
            if self._took("}"):
                return
            self._expect(",")

    def _took(self, sign: str) -> bool:
        if self.peek() != sign:
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise ValueError(f"{sign!r} is missing")

    def _more(self) -> bool:
        """Read on, as much again as is there, so that a long value is not tried too often; False at the file's end."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        if len(rest) > self._largest:
            raise ValueError(f"one of its values has more than {self._largest} characters")
        chunk = self._file.read(max(_CHUNK, len(rest)))
        self.bytes_read += len(chunk)
        self._ended = not chunk
        self._text, self._at = rest + self._decode(chunk, final=self._ended), 0
        return True
