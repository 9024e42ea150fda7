"""The README's table of settings: all of them, no other, with the right defaults."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sessions_hub.conf import NAMES, conf

README = Path(__file__).resolve().parent.parent / "README.md"
ROW = re.compile(r"^\| `(?P<name>SESSIONS_HUB_\w+)` \| (?P<default>[^|]+) \| (?P<text>.+) \|$")


def rows() -> dict[str, str]:
    """Name → default as written, of the table under "## Settings"."""
    text = README.read_text(encoding="utf-8")
    section = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    found = [match for line in section.splitlines() if (match := ROW.match(line))]
    assert len(found) == len({match["name"] for match in found})
    return {match["name"]: match["default"].strip() for match in found}


def value_of(written: str) -> Any:
    """The value a cell of the table stands for: its last code span."""
    return eval(re.findall(r"`([^`]+)`", written)[-1], {"timedelta": timedelta})


def test_every_setting_is_listed_and_no_other():
    assert sorted(rows()) == sorted(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_default_is_right(name, settings):
    for given in (name, "GEOIP_PATH", "GEOIP_CITY", "GEOIP_COUNTRY"):
        if hasattr(settings, given):
            delattr(settings, given)
    assert value_of(rows()[name]) == getattr(conf, name)


@pytest.mark.parametrize("kind", ["PATH", "CITY", "COUNTRY"])
def test_the_fallback_to_django_is_named(kind, settings):
    setattr(settings, f"GEOIP_{kind}", "elsewhere")
    assert getattr(conf, f"SESSIONS_HUB_GEOIP_{kind}") == "elsewhere"
    assert f"`GEOIP_{kind}` of Django" in rows()[f"SESSIONS_HUB_GEOIP_{kind}"]
