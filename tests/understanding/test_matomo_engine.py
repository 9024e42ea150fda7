"""Engines and their versions, from Matomo's tables and the text."""

from __future__ import annotations

import pytest

from sessions_hub.understanding.backends.matomo.engine import engine_of, engine_version

from .matomo_agents import IPHONE, WINDOWS

CHROME_ENGINES = {"default": "WebKit", "versions": {28: "Blink"}}
OPERA_ENGINES = {"default": "", "versions": {"3.5": "Elektra", "7": "Presto", "15": "Blink"}}


@pytest.mark.parametrize(
    ("table", "version", "text", "engine"),
    [
        ({"default": "WebKit"}, "26.1", IPHONE, "WebKit"),
        (CHROME_ENGINES, "27.0.1453", "", "WebKit"),
        (CHROME_ENGINES, "28.0", "", "Blink"),
        (CHROME_ENGINES, "28", "", "Blink"),
        ({"default": "Gecko", "versions": {"2.28": "WebKit"}}, "2.20", "", "Gecko"),
        (CHROME_ENGINES, "142.0.0.0", "", "Blink"),
        (OPERA_ENGINES, "3.6", "", "Elektra"),
        (OPERA_ENGINES, "12.18", "", "Presto"),
        (OPERA_ENGINES, "124.0", "", "Blink"),
        (None, "", WINDOWS, "Blink"),
        (None, "", WINDOWS.replace("142.0.0.0", "27.0"), "WebKit"),
        (None, "", "Mozilla/5.0 (X11; rv:145.0) Gecko/20100101 Firefox/145.0", "Gecko"),
        ({"default": ""}, "", "Mozilla/5.0 (like Gecko)", ""),
        ("WebKit", "", "", ""),
    ],
)
def test_the_engine_is_that_of_the_version(table, version, text, engine) -> None:
    assert engine_of(table, version, text) == engine


@pytest.mark.parametrize(
    ("engine", "text", "version"),
    [
        ("Blink", WINDOWS, "142.0.0.0"),
        ("WebKit", IPHONE, "605.1.15"),
        ("Gecko", "Mozilla/5.0 (X11; rv:145.0) Gecko/20100101 Firefox/145.0", "145.0"),
        ("Gecko", "Mozilla/5.0 (Android 12; rv:109.0) Gecko/119.0 Firefox/119.0", "119.0"),
        ("Gecko", "Mozilla/5.0 [ja] (Linux; rv:1.8a2) Gecko/20040630", "1.8"),
        ("Trident", "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "7.0"),
        ("Presto", "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18", "2.12.388"),
        ("Gecko", "Mozilla/5.0 (X11; rv:1.8.) Gecko/20040630", "1.8"),
        ("Blink", "Chrome/142.0. Safari/537.36", "142.0"),
        ("Trident", "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)", ""),
        ("", WINDOWS, ""),
    ],
)
def test_the_engines_version_is_read_from_the_text(engine, text, version) -> None:
    assert engine_version(engine, text) == version
