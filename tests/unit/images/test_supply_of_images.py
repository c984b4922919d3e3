"""Images depend on their inputs alone, and the page on them says what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cluster.buildah import Making, planned_archive
from scripts.images.build import TIMESTAMP
from scripts.images.catalogue import ROOT
from scripts.images.page import DATA, PAGE, measured, page
from scripts.supply.oci import Image, Layer
from scripts.supply.package import Package


def test_the_page_is_made_of_the_kept_sizes() -> None:
    data = json.loads(DATA.read_text(encoding="utf-8"))

    assert PAGE.read_text(encoding="utf-8") == page(data), "run: python -m scripts.images.page"
    assert data.keys() == {"operator", "runtime"}
    assert all(len(found["layers"]) == 3 for found in data.values())


def test_what_is_said_of_an_image_is_counted() -> None:
    layers = tuple(Layer(name, name, size) for name, size in (("a", 50_000_000), ("b", 20_000_000), ("c", 1_000_000)))
    packages = [
        Package("deb", "zlib1g", "1", "Zlib"),
        Package("pypi", "a", "1", "MIT"),
        Package("pypi", "b", "1", "MIT"),
    ]

    found = measured(Image("localhost/x:1", "sha256:1", layers, {}), packages)

    assert found == {"layers": [50_000_000, 20_000_000, 1_000_000], "debian": 1, "python": 2}
    assert "| x | 71.0 MB | 50.0 MB | 20.0 MB | 1.0 MB | 1 | 2 |" in page({"x": found})


@pytest.mark.parametrize(
    ("making", "options"),
    [
        (Making(), ["--layers"]),
        (Making(TIMESTAMP), ["--timestamp", str(TIMESTAMP), "--layers"]),
        (Making(0, afresh=True), ["--timestamp", "0", "--no-cache"]),
    ],
)
def test_how_an_image_is_made_reaches_buildah(making: Making, options: list[str]) -> None:
    assert making.options == options


def test_a_time_stamp_makes_another_image_and_building_afresh_does_not(tmp_path: Path) -> None:
    recipe = tmp_path / "a.Containerfile"
    recipe.write_text("FROM scratch\n", encoding="utf-8")

    plans = [
        planned_archive(recipe, tmp_path, "localhost/a:1", making=making)
        for making in (Making(), Making(1), Making(1, afresh=True), Making(2))
    ]

    assert plans[1] == plans[2]
    assert len(set(plans)) == 3


@pytest.mark.parametrize("name", ["operator", "runtime"])
def test_files_are_dated_as_wheels_are(name: str) -> None:
    text = (ROOT / "scripts" / "images" / f"{name}.Containerfile").read_text(encoding="utf-8")

    assert f"SOURCE_DATE_EPOCH={TIMESTAMP}" in text
