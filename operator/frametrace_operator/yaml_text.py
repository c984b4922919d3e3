"""Values as YAML on one line, in plain ASCII. Pure."""

import json
import re
from typing import Final

__all__ = ["yaml_line"]

_BEYOND_ASCII: Final = re.compile(r"[^\x20-\x7e]")


def yaml_line(value: object) -> str:
    r"""A value as YAML that reads back as the same value.

    JSON is YAML but for two things: YAML has no surrogate pairs, and takes some characters that JSON leaves bare for
    line breaks or refuses them. So everything beyond printable ASCII is written as \UXXXXXXXX.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _BEYOND_ASCII.sub(lambda found: f"\\U{ord(found.group()):08x}", text)
