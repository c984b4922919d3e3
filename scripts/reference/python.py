"""Writes docs/reference/python.md from what modules declare in `__all__`: ``python -m scripts.reference.python``; ``--check`` only compares."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from scripts.reference.docstrings import docstrings_of_module
from scripts.reference.pages import REFERENCE, keep

__all__ = ["MODULES", "PAGE", "main", "page"]

PAGE = REFERENCE / "python.md"
MODULES = ("camera_runtime", "camera_runtime.stages.handler", "camera_runtime.transports", "frame_tracking")
_HEAD = """# Python

Made by `python -m scripts.reference.python` from the modules themselves; never edited. These modules of the distribution `frametrace`
([how it is installed](../how-to/install.md#the-commands)) are for programs of yours: what they name in `__all__`, with types, and with
docstrings that say shapes, units and errors (`python -m pydoc frame_tracking.FrameID`). All else is the runtime's own, and changes without a word.

A frame with its ID, its picture and its trace, from a camera or a generated picture; the extra `capture` is needed:

```python
from camera_runtime import capture_frame

frame = capture_frame("test://", camera="cam02")
print(frame.frame_id.camera, frame.metadata.encoding, frame.picture[:2].hex())
print(frame.trace_context.is_valid(), frame.trace_context.trace_id == frame.frame_id.trace_id)
```

```
cam02 jpeg ffd8
True True
```

Through a queue: `producer.send(frame, trace_context)` on one side, `frame, context = consumer.receive()` on the other. This broker is
in the process itself; `camera_runtime.transports.connect` gives one on Redis or RabbitMQ (extras `redis`, `rabbitmq`), with the same promises:

```python
from camera_runtime import Frame
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import FrameID, FrameMetadata, Topology, TraceContext, now
from frametrace_api.contract import BrokerContract

broker = MemoryBroker(BrokerContract(), lambda: Topology((("motion", "capture"),)))
producer, consumer = broker.producer("cam01", "capture"), broker.consumer("motion", "capture")
consumer.set_cameras(["cam01"])

frame_id = FrameID.generate("cam01")
trace_context = TraceContext(frame_id.trace_id, "00f067aa0ba902b7", 3)
producer.send(Frame(FrameMetadata(frame_id=frame_id, timestamp=now()), b"picture"), trace_context)
frame, context = consumer.receive()
print(frame.picture, context.trace_id == frame_id.trace_id, consumer.ack(frame))
```

```
b'picture' True True
```

In a stage nothing of this is needed: [a handler](../how-to/own-stage.md) gets a frame and returns one.
"""


def page() -> str:
    """Return the page's text.

    Raises:
        LookupError: a name has no sentence.
    """
    return _HEAD + "".join(_section(import_module(name)) for name in MODULES)


def _section(module: ModuleType) -> str:
    about = _paragraph(module.__doc__ or "")
    return f"\n## `{module.__name__}`\n\n{about}\n\n| name | what it is |\n|---|---|\n{''.join(_rows(module))}"


def _rows(module: ModuleType) -> Iterator[str]:
    for name in sorted(module.__all__, key=str.casefold):
        thing = getattr(module, name)
        shown = f"{name}()" if inspect.isfunction(thing) else name
        yield f"| `{shown}` | {_sentence(thing, name).replace('|', '&#124;')} |\n"


def _sentence(thing: Any, name: str) -> str:
    """Return the first paragraph of a class's or function's docstring, or what stands beneath a value where it is made."""
    if inspect.isclass(thing) or inspect.isfunction(thing):
        return _paragraph(inspect.getdoc(thing) or "") or _none(name)
    told = (docstrings_of_module(module).get(name) for module in list(sys.modules.values()) if _is_ours(module))
    value = f"`{thing}`. " if isinstance(thing, str) else ""
    return value + (next(filter(None, told), "") or _none(name))


def _is_ours(module: ModuleType) -> bool:
    return module.__name__.partition(".")[0] in {"camera_runtime", "frame_tracking"}


def _paragraph(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def _none(name: str) -> str:
    raise LookupError(f"{name} has no sentence")


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.python", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
