"""A bill of materials of an image in CycloneDX 1.6 as JSON, which programs that look for known weaknesses read. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from scripts.supply.oci import Image
from scripts.supply.package import NOT_STATED, Package

__all__ = ["bill_of", "component_of"]


def bill_of(image: Image, packages: Sequence[Package], version: str, made: datetime) -> str:
    """Return the bill; the same image and time give the same text.

    Raises:
        ValueError: what was made does not meet CycloneDX's schema.
    """
    name = image.reference.rpartition("/")[2].partition(":")[0]
    whole = Component(name=name, version=version, type=ComponentType.CONTAINER, bom_ref=image.digest)
    whole.properties.add(Property(name="frametrace:image-digest", value=image.digest))
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, image.digest), components=map(component_of, packages))
    bom.metadata.component = whole
    bom.metadata.timestamp = made.astimezone(UTC)
    bom.register_dependency(whole, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    if found := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the bill of {image.reference} does not meet CycloneDX's schema: {found}")
    return f"{json.dumps(json.loads(text), indent=1, sort_keys=True)}\n"


def component_of(package: Package) -> Component:
    """Return a package as CycloneDX has it."""
    url = _url_of(package)
    told = {"frametrace:part-of": package.part_of, "frametrace:file": package.file}
    return Component(
        name=package.name,
        version=package.version or None,
        type=ComponentType.LIBRARY,
        purl=url,
        cpe=f"cpe:2.3:a:{package.name}:{package.name}:{package.version}:*:*:*:*:*:*:*"
        if _known_by_cpe(package)
        else None,
        bom_ref="#".join(filter(None, (url.to_string(), package.part_of))),  # two wheels may bring the same
        licenses=[] if package.licence == NOT_STATED else [DisjunctiveLicense(name=package.licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=package.sha256)] if package.sha256 else [],
        properties=[Property(name=name, value=value) for name, value in told.items() if value],
    )


def _known_by_cpe(package: Package) -> bool:
    """Whether known weaknesses are told of it by this name, as its package URL leads nowhere."""
    return package.kind == "generic" and package.name in {"ffmpeg", "python"}


def _url_of(package: Package) -> PackageURL:
    if package.url:
        return PackageURL.from_string(package.url)
    if package.kind == "deb":
        qualifiers = {"arch": package.architecture, "distro": package.distribution}
        return PackageURL("deb", "debian", package.name, package.version, qualifiers)
    return PackageURL(package.kind, None, package.name, package.version or None)
