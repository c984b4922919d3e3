"""A resource from a file, without a cluster: what is wrong in the API server's words, and what its processes get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.resource import LoadedPipeline, read_pipeline
from camera_runtime.run.contracts import ContractError
from camera_runtime.run.local_contracts import LocalContracts, local_contracts
from camera_runtime.run.secret_files import SecretFiles

ROOT = Path(__file__).resolve().parents[3]


def resource(**spec: Any) -> dict[str, Any]:
    whole = {"cameras": [{"id": "cam01", "source": {"url": "test://"}}], **spec}
    return {
        "apiVersion": "frametrace.dev/v1alpha1",
        "kind": "CameraPipeline",
        "metadata": {"name": "yard"},
        "spec": whole,
    }


def read(folder: Path, *documents: Any, **options: Any) -> LoadedPipeline:
    path = folder / "camera.yaml"
    path.write_text(yaml.safe_dump_all(documents))
    return read_pipeline(path, **options)


def contracts(folder: Path, broker: str = "", **spec: Any) -> LocalContracts:
    loaded = read(folder, resource(**spec), allow_files=True)
    return local_contracts(loaded.pipeline, loaded.files, SecretFiles(folder), broker)


def camera(**source: Any) -> dict[str, Any]:
    return {"id": "cam01", "source": {"url": "rtsp://camera/1", **source}}


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_is_read(path: Path) -> None:
    assert read_pipeline(path).pipeline.spec.cameras


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"cameras": [{"id": "Cam_1", "source": {"url": "test://"}}]}, "spec.cameras[0].id: "),
        ({"cameras": [{"source": {"url": "test://"}}]}, "spec.cameras[0].id: Required value"),
        ({"stage": []}, "unknown field spec.stage"),
        ({"mode": "Paused"}, "spec.mode: Unsupported value: supported values: 'Running' or 'Suspended'; got 'Paused'"),
        ({"capture": {"jpegQuality": 101}}, "spec.capture.jpegQuality: "),
        ({"cameras": [camera(stream="Sub")]}, "spec.cameras[0].source.subUrl: stream Sub needs the address"),
        (
            {"stages": [{"name": "a", "handler": "own:x"}]},
            "spec.stages[0].handler: the operator's runtime image has only",
        ),
        (
            {"stages": [{"name": "a", "input": "b", "handler": "motion"}]},
            "spec.stages: a stage reads capture or a stage before it",
        ),
        ({"cameras": [camera(url="file:///clip.mp4")]}, "a camera's URL must begin with rtsp://, rtsps:// or test://"),
    ],
)
def test_what_the_api_server_would_refuse_is_refused_with_its_field_and_the_way_out(
    tmp_path: Path, spec: dict[str, Any], says: str
) -> None:
    with pytest.raises(CommandError) as error:
        read(tmp_path, resource(**spec))
    assert says in str(error.value)
    assert error.value.code is Exit.INVALID


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="must not hold a user name or password") as error:
        read(tmp_path, resource(cameras=[camera(url="rtsp://me:s3cretword@camera/1")]))
    assert "s3cretword" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", r"is no YAML \(line 1, column 5\)"),
        ("", "holds 0 CameraPipeline resources"),
        ("kind: Secret", "holds 0 CameraPipeline resources"),
        ("kind: CameraPipeline\n---\nkind: CameraPipeline", "holds 2 CameraPipeline resources"),
        ("kind: CameraPipeline", "metadata: Required value; spec: Required value"),
        ("kind: CameraPipeline\nspec: 7", "spec: "),
        ("\x00", "is no YAML"),
    ],
)
def test_a_file_that_is_no_pipeline_is_said_so(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "camera.yaml"
    path.write_text(text)
    with pytest.raises(CommandError, match=says):
        read_pipeline(path, allow_files=True)


def test_processes_get_what_the_resource_says(tmp_path: Path) -> None:
    made = contracts(
        tmp_path,
        cameras=[{"id": "cam01", "source": {"url": "test://"}, "tracing": {"ratio": "0.5"}}],
        capture={"framesPerSecond": 5, "maxWidth": 640, "encoding": "Raw"},
        stages=[
            {"name": "small", "handler": "resize", "replicas": 2, "env": [{"name": "RESIZE_WIDTH", "value": "320"}]}
        ],
        pictures={"access": "Allowed"},
        tracing={"sampling": {"ratio": "0.25"}},
    )
    (capture,), (stage,) = made.captures, made.stages
    assert (capture.camera.url, capture.frames_per_second, capture.max_width, capture.encoding) == (
        "test://",
        "5",
        640,
        "Raw",
    )
    assert (capture.pictures_allowed, made.broker.max_frames, made.broker.overflow) == (True, 300, "DropOldest")
    assert (stage.contract.handler, stage.replicas, stage.environ) == ("resize", 2, {"RESIZE_WIDTH": "320"})
    assert (made.live.tracing.ratio, made.live.tracing.camera_ratios) == ("0.25", {"cam01": "0.5"})
    assert (made.live.revision, made.live.cameras) == (made.topology.revision, ("cam01",))


def test_cameras_may_be_files_here(tmp_path: Path) -> None:
    made = contracts(
        tmp_path, cameras=[camera(url="file:///clip.mp4"), {"id": "cam02", "source": {"url": "clips/a.mp4"}}]
    )
    assert [capture.camera.url for capture in made.captures] == ["file:///clip.mp4", f"{tmp_path.as_uri()}/clips/a.mp4"]


@pytest.mark.parametrize(
    ("broker", "kind", "overflow"),
    [("", "Redis", "DropOldest"), ("rediss://h", "Redis", "DropOldest"), ("amqp://h", "RabbitMQ", "DropNewest")],
)
def test_the_broker_is_the_one_that_is_named(tmp_path: Path, broker: str, kind: str, overflow: str) -> None:
    made = contracts(tmp_path, broker).broker
    assert (made.type, made.url, made.overflow) == (kind, broker, overflow)


def test_a_broker_of_another_kind_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="--broker takes a URL that begins with redis://") as error:
        contracts(tmp_path, "kafka://me:s3cretword@h")
    assert "s3cretword" not in str(error.value)


def test_secrets_are_files(tmp_path: Path) -> None:
    (tmp_path / "login").mkdir()
    for key in ("username", "password"):
        (tmp_path / "login" / key).write_text("s3cretword\n")
    reference = {"secretKeyRef": {"name": "login", "key": "password"}}
    made = contracts(
        tmp_path,
        cameras=[camera(credentialsSecretRef={"name": "login"})],
        stages=[{"name": "a", "handler": "motion", "env": [{"name": "KEY", "valueFrom": reference}]}],
    )
    assert made.captures[0].camera.password_file == str(tmp_path / "login" / "password")
    assert made.stages[0].environ == {"KEY": "s3cretword"}


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (
            {"cameras": [camera(credentialsSecretRef={"name": "login"})]},
            r"spec.cameras\[0\].source.credentialsSecretRef: there is no file",
        ),
        (
            {
                "stages": [
                    {
                        "name": "a",
                        "handler": "motion",
                        "env": [{"name": "NODE_X", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                    }
                ]
            },
            "there is no pod to take it from; set NODE_X before the command",
        ),
    ],
)
def test_what_only_a_cluster_has_is_asked_for(tmp_path: Path, spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ContractError, match=says):
        contracts(tmp_path, **spec)


def test_a_secret_without_a_directory_says_how_to_give_one(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="give --secrets DIRECTORY with a file login/username"):
        SecretFiles().path("x", "login", "username")
