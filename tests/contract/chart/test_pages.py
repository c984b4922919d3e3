"""What pages say about the chart, by the real helm: options that it has, and commands that do what they are there for."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts.cluster.build import binary
from scripts.release.version import current
from tests.contract.chart.rendering import CHART, environment_of, helm, of_kind, operator_pod, render

pytestmark = pytest.mark.contract

_DOCS = CHART.parents[1] / "docs" / "how-to"
_HELM = re.compile(r"^helm .+$", re.MULTILINE)


def commands(page: str) -> list[list[str]]:
    """The page's commands of helm, in words."""
    return [shlex.split(line) for line in _HELM.findall((_DOCS / page).read_text(encoding="utf-8"))]


def test_helm_has_every_option_that_the_page_on_upgrades_uses() -> None:
    found = commands("upgrade.md")
    known = {verb: _options(verb) for verb in {words[1] for words in found}}

    assert known.keys() == {"upgrade", "rollback"}
    assert [word for words in found for word in words if word.startswith("--") and word not in known[words[1]]] == []


def _options(verb: str) -> set[str]:
    done = subprocess.run([str(binary("helm")), verb, "--help"], capture_output=True, text=True, check=True)
    return set(re.findall(r"--[a-z-]+", done.stdout))


def test_who_named_the_images_of_0_1_0_gets_the_new_ones_by_the_pages_command(tmp_path: Path) -> None:
    [upgrade] = [words for words in commands("upgrade.md") if "images.operator=" in words]
    settings = [word.replace("REGISTRY", "registry.example") for word in upgrade if word == "--set" or "=" in word]
    kept = {"images": {name: f"mine.example/frametrace-{name}:0.1.0" for name in ("operator", "runtime")}}

    done = helm("template", "frametrace", *settings, values=kept, folder=tmp_path)

    documents = [body for body in yaml.safe_load_all(done.stdout) if body]
    [container] = operator_pod(documents)["containers"]
    told = [container["image"], environment_of(documents)["FRAMETRACE_RUNTIME_IMAGE"]]
    assert told == [f"registry.example/frametrace-{name}:{current()}" for name in ("operator", "runtime")]


def test_who_applies_the_plain_manifest_is_told_the_roles_that_stay(tmp_path: Path) -> None:
    """Names were joined by a hyphen; those of now have a colon, so that the old objects are replaced by none."""
    told = re.findall(
        r"^kubectl delete (\S+) (.+) --ignore-not-found$", (_DOCS / "upgrade.md").read_text("utf-8"), re.MULTILINE
    )
    deleted = {(kind, name) for kinds, names in told for kind in kinds.split(",") for name in names.split()}

    documents = render({}, tmp_path)

    kinds = ("ClusterRole", "ClusterRoleBinding")
    now = {(kind.lower(), body["metadata"]["name"]) for kind in kinds for body in of_kind(kind, documents)}
    assert deleted == {(kind, name.replace(":", "-")) for kind, name in now}
    assert not deleted & now


def test_the_release_that_flux_makes_takes_the_charts_values_and_is_what_pipelines_wait_for(tmp_path: Path) -> None:
    text = (_DOCS / "gitops.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    flux = {(body["kind"], body["metadata"]["name"]): body["spec"] for body in blocks}
    release = flux["HelmRelease", "frametrace"]

    documents = render(release["values"], tmp_path, release["releaseName"], release["targetNamespace"])

    assert operator_pod(documents)["containers"][0]["image"].startswith("registry.example.com/frametrace/")
    assert (CHART.parents[1] / release["chart"]["spec"]["chart"]).samefile(CHART)
    assert flux["Kustomization", "cameras"]["dependsOn"] == [{"name": "frametrace"}]
    assert flux["Kustomization", "frametrace"]["wait"] is True
