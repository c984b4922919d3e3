"""Command line: ``python -m scripts.camera serve`` runs a camera here; ``clip`` only makes a loop."""

from __future__ import annotations

import contextlib
import signal
from typing import Annotated

import typer
from rich.progress import Progress

from scripts.camera.clip import ClipSpec, cached_clip
from scripts.camera.local import CameraError, CameraOptions, running_camera

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A simulated RTSP camera.")
_Size = Annotated[str, typer.Option(help="Width x height in pixels.")]
_Fps = Annotated[int, typer.Option(help="Pictures a second.")]


@app.command()
def serve(
    size: _Size = "1920x1080",
    fps: _Fps = 30,
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")] = 8554,
    cameras: Annotated[int, typer.Option(min=1, max=99, help="Streams /cam01, /cam02 …")] = 1,
    user: Annotated[str, typer.Option(help="Viewers must log in as this user.")] = "",
    password: Annotated[str, typer.Option(envvar="CAMERA_PASSWORD", show_default=False)] = "",
) -> None:
    """Serve a camera on this machine's loopback address until Ctrl-C."""
    spec = _spec(size, fps)
    _encode(spec)
    try:
        options = CameraOptions(clip=spec, port=port, cameras=cameras, user=user, password=password)
        with running_camera(options) as url:
            print(url, flush=True)
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except CameraError as error:
        raise typer.Exit(_say(str(error))) from error


@app.command()
def clip(size: _Size = "1920x1080", fps: _Fps = 30) -> None:
    """Encode a loop into the user's cache and print its path."""
    print(_encode(_spec(size, fps)))


def _spec(size: str, fps: int) -> ClipSpec:
    try:
        return ClipSpec.parse(size, fps)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _encode(spec: ClipSpec) -> str:
    with Progress(transient=True) as progress:
        task = progress.add_task(f"encoding {spec.width}x{spec.height} at {spec.fps} fps", total=spec.count)
        return str(cached_clip(spec, lambda done: progress.update(task, completed=done)))


def _say(message: str) -> int:
    typer.echo(message, err=True)
    return 1


if __name__ == "__main__":
    app()
