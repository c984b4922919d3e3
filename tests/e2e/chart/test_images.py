"""What is in the images that run: the locked packages and no others, each with its licence, as the bill of materials lists them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from scripts.images.build import build
from scripts.release.version import ROOT, current
from scripts.supply.bill import bill_of
from scripts.supply.inventory import NOT_STATED, packages_of, read_for_packages
from scripts.supply.oci import read_image, read_tree

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_an_image_holds_what_is_locked_and_its_bill_says_so(name: str) -> None:
    archive = build(name).archive
    text = (ROOT / name / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))  # some have a version for each Python

    packages = packages_of(read_tree(archive, read_for_packages))

    python = {each.name: each for each in packages if each.kind == "pypi"}
    own = {name for name in python if name.startswith("frametrace")}
    assert {python[name].version for name in own} == {current()}
    assert {(name, python[name].version) for name in python.keys() - own} <= locked
    assert [each.name for each in python.values() if each.licence == NOT_STATED] == []
    bill = json.loads(bill_of(read_image(archive), packages, current(), datetime.now(UTC)))
    assert {(each["name"], each["version"]) for each in bill["components"]} == {
        (each.name, each.version) for each in packages
    }


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_an_image_is_dated_by_its_inputs_and_belongs_to_no_user_of_the_machine(name: str) -> None:
    archive = build(name).archive
    image = read_image(archive)

    assert image.config["created"].startswith("2025-01-01T00:00:00")
    assert image.config["config"]["User"] == "65532:65532"
    assert image.config["config"]["Labels"]["org.opencontainers.image.version"] == current()
