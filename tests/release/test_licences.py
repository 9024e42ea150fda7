"""Whatever a site gets with the hub is under a licence it can live with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HUB = "django-sessions-hub"
EXTRAS = {"fast", "matomo", "openapi"}
# SPDX identifiers. None asks for more than a notice.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CNRI-Python",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Unlicense",
    "ZPL-2.1",
}
# More than a notice, and why they are taken all the same.
EXCEPTIONS = {
    # A list of certificates that is used as it is. By way of geoip2, which asks MaxMind's
    # service with it; the hub never does.
    "certifi": {"MPL-2.0"},
    # Only with [matomo], imported and never changed: Matomo's tables are under it.
    "device-detector": {"LGPL-3.0-or-later"},
}
# Their metadata name none; their source does.
UNNAMED = {"device-detector": "LGPL-3.0-or-later"}
# What packages write where an SPDX expression should be.
SPELLED = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}


def shipped() -> Iterator[tuple[str, Distribution | None]]:
    """What the hub and its extras ask for, and so on; None for what is not installed."""
    waiting, seen = [(HUB, frozenset(EXTRAS))], set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            yield name, None
            continue
        yield name, found
        for text in found.requires or []:
            wanted = Requirement(text)
            if wanted.marker is None or any(
                wanted.marker.evaluate({"extra": extra}) for extra in extras | {""}
            ):
                waiting.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))


def licences_of(package: Distribution) -> set[str]:
    """The identifiers a package names, whatever it calls them."""
    told = package.metadata
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier", [])
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    # A long text is the licence itself: its first line is the name.
    text = (told.get("License") or "").strip().partition("\n")[0]
    named = [told.get("License-Expression")] if "License-Expression" in told else classifiers
    return {part for one in named or [text] for part in parts_of(one)}


def parts_of(expression: str) -> set[str]:
    """The identifiers in an expression of SPDX, or the one that a name stands for."""
    if known := SPELLED.get(expression.lower()):
        return {known}
    parts = re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", expression)
    return {SPELLED.get(part.strip().lower(), part.strip()) for part in parts} - {""}


PACKAGES = {name: package for name, package in shipped() if package is not None}


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_its_licence_is_allowed(name: str) -> None:
    licences = licences_of(PACKAGES[name]) or {UNNAMED.get(name)}
    assert licences != {None}, "It names none: look it up, and add it to UNNAMED."
    assert licences <= ALLOWED | EXCEPTIONS.get(name, set())


def test_all_that_is_always_there_was_looked_at() -> None:
    core = {"django", "djangorestframework", "cryptography", "joserfc", "geoip2", "uuid-utils"}
    assert core < set(PACKAGES)
    # Dependencies of dependencies too.
    assert {"sqlparse", "cffi", "maxminddb"} < set(PACKAGES)


def test_exceptions_are_needed() -> None:
    for name in EXCEPTIONS.keys() & PACKAGES.keys():
        named = licences_of(PACKAGES[name])
        assert named == EXCEPTIONS[name] if named else UNNAMED[name] in EXCEPTIONS[name]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"License-Expression": "MIT OR (Apache-2.0 AND ISC)"}, {"MIT", "Apache-2.0", "ISC"}),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, {"BSD-3-Clause"}),
        ({"License": "BSD 3-Clause OR Apache-2.0"}, {"BSD-3-Clause", "Apache-2.0"}),
        ({"License": "GPL-3.0"}, {"GPL-3.0"}),
        ({}, set()),
    ],
)
def test_licences_are_read(headers: dict[str, str], expected: set[str]) -> None:
    class Package(Distribution):
        def read_text(self, filename: str) -> str:
            lines = {"Metadata-Version": "2.4", "Name": "package", **headers}
            return "".join(f"{name}: {value}\n" for name, value in lines.items())

        def locate_file(self, path: Any) -> Any:
            raise NotImplementedError

    assert licences_of(Package()) == expected
