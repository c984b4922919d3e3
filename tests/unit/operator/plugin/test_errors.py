"""What a call that goes wrong says: one line that names what, its value and the way out, and an exit code."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.errors import ActionNeededError, RetryError
from frametrace_operator.kube.kinds import CONFIG_MAP
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.plugin.cluster.memory import MemoryCluster
from frametrace_operator.plugin.exits import Exit

COMMANDS = ("status", "cameras", "logs", "report", "rollback", "reenable", "suspend", "resume")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["bogus"], Exit.USAGE, "No such command 'bogus'"),
        (["journey"], Exit.USAGE, "Missing argument"),
        (["journey", "cam01"], Exit.USAGE, "'cam01' is not a frame ID such as 2"),
        (["rollback"], Exit.USAGE, "Missing argument"),
        (["status", "-o", "yaml"], Exit.USAGE, "--output yaml: there is `json`"),
        (["logs", "yard", "--since", "soon"], Exit.USAGE, "--since: 'soon' is no duration; such are 30s"),
        (["logs", "yard", "--camera", "cam09"], Exit.MISSING, "site-a/yard has no pod of camera 'cam09'"),
        (["status", "-n", "empty"], Exit.MISSING, "there is no pipeline in namespace 'empty'; -n names another, -A"),
        (["status", "nope", "-A"], Exit.MISSING, "there is no pipeline 'nope' in any namespace"),
    ],
)
def test_a_wrong_call(desk: Any, arguments: list[str], code: int, says: str) -> None:
    found, out, err = desk.run(*arguments)
    assert (found, out) == (code, "")
    assert err.startswith("kubectl frametrace: ")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipeline_that_is_not_there(desk: Any, command: str) -> None:
    code, out, err = desk.run(command, "nope")
    assert (code, out) == (Exit.MISSING, "")
    assert err == (
        "kubectl frametrace: there is no pipeline 'nope' in namespace 'site-a'; "
        "-n names another, `kubectl frametrace status -A` lists all\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RetryError("the API server cannot be reached: no route"), Exit.UNAVAILABLE),
        (ActionNeededError("ApplyRefused", "the API server refused it (403): you may not"), Exit.REFUSED),
    ],
)
def test_an_api_server_that_is_away_or_refuses(desk: Any, command: str, error: Exception, code: int) -> None:
    desk.world.kube.fail_next(error)
    assert desk.run(command, "yard") == (code, "", f"kubectl frametrace: {error}\n")


def test_a_cluster_without_frametrace_is_said_to_be_one(desk: Any) -> None:
    desk.cluster = MemoryCluster(MemoryKube(kinds=(CONFIG_MAP,)))
    code, _, err = desk.run("status")
    assert code == Exit.MISSING
    assert "knows no CameraPipeline (frametrace.dev/v1alpha1): Frametrace is not installed in it" in err


def test_every_command_says_what_it_does_with_examples(desk: Any) -> None:
    for command in (*COMMANDS, "journey"):
        code, out, _ = desk.run(command, "--help")
        assert code == 0
        assert f"kubectl frametrace {command}" in out
        assert "--namespace" in out
        assert "--context" in out
        assert "--kubeconfig" in out


def test_the_options_of_the_connection_reach_it(desk: Any, tmp_path: Any) -> None:
    desk.run("report", "yard", "-n", "there", "--context", "kind", "--kubeconfig", str(tmp_path / "config"))
    (connection,) = desk.connections
    assert (connection.namespace, connection.context, connection.kubeconfig) == ("there", "kind", tmp_path / "config")
