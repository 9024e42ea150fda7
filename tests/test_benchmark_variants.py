"""How the benchmarks build a site whose sessions another package keeps."""

from __future__ import annotations

import pytest

from tests.benchmarks.variants import APPS, MIDDLEWARE, SESSION, SESSIONS, VARIANTS, settings_of

ENGINES = [one for one in VARIANTS if one.replaces]


@pytest.mark.parametrize("one", ENGINES, ids=lambda one: one.key)
def test_an_engine_of_another_package_is_in_the_place_of_djangos(one):
    settings = settings_of(one, {})
    for listed, usual, replaced in (
        (settings["INSTALLED_APPS"], APPS, SESSIONS),
        (settings["MIDDLEWARE"], MIDDLEWARE, SESSION),
    ):
        assert replaced not in listed
        assert listed[usual.index(replaced)].startswith(one.module)
        assert len(listed) == len(usual)
    assert settings["SESSION_ENGINE"].startswith(f"{one.module}.")
    assert one.session_model == f"{one.module}.Session"


def test_other_sites_keep_djangos_sessions():
    others = [one for one in VARIANTS if not one.replaces]
    assert {"django", "cached_db", "hub", "usersessions"} <= {one.key for one in others}
    for one in others:
        settings = settings_of(one, {})
        assert settings["INSTALLED_APPS"][: len(APPS)] == list(APPS)
        assert [path for path in settings["MIDDLEWARE"] if path in MIDDLEWARE] == list(MIDDLEWARE)
        assert one.session_model == "sessions.Session"
