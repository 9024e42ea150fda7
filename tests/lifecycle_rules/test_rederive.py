"""What a row should hold by its raw values; and what is better left as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions_hub.lifecycle import rederive as module
from sessions_hub.lifecycle.rederive import CLIENT_COLUMNS, PLACE_COLUMNS, Sources, rederive
from sessions_hub.models import SessionDevice
from sessions_hub.understanding import Place

PLAIN = Sources(backend="tests.parsers.Plain")
AGENT = "Mac 10.9; Fox 9.1; desktop"
FOX = {
    "os_name": "Mac",
    "os_version": "10.9",
    "os_version_key": "0000010.0000009.0000000.0000000",
    "client_name": "Fox",
    "client_version": "9.1",
    "client_version_key": "0000009.0000001.0000000.0000000",
    "device_type": "desktop",
}
BERLIN = {
    "country_code": "DE",
    "region": "Land Berlin",
    "city": "Berlin",
    "latitude": 52.5,
    "longitude": 13.25,
    "time_zone": "Europe/Berlin",
}
LINZ = {**BERLIN, "country_code": "AT", "region": "", "city": "Linz"}
TELEKOM = {"autonomous_system": "AS3320 Deutsche Telekom AG"}
KEY = "00000000000000000000ffffcb007107"
NO_PLACE = {"ip": "203.0.113.7", "ip_key": KEY}


def row(**values):
    stored = SessionDevice(**values)
    return {name: getattr(stored, name) for name in CLIENT_COLUMNS + PLACE_COLUMNS}


class TestClient:
    def test_is_derived_from_the_raw_values(self):
        answer = rederive(row(user_agent=AGENT, os_name="Old", is_bot=True), PLAIN)
        assert answer.changes == {**FOX, "is_bot": False}
        assert not answer.without_raw
        assert answer.error is None

    def test_names_only_what_differs(self):
        stored = row(user_agent=AGENT, **{**FOX, "os_name": "Old"})
        assert rederive(stored, PLAIN).changes == {"os_name": "Mac"}

    def test_that_is_right_does_not_change(self):
        assert rederive(row(user_agent=AGENT, **FOX), PLAIN).changes == {}

    @pytest.mark.parametrize(
        "raw", [{"user_agent": AGENT}, {"client_hints": {"sec-ch-ua-arch": "arm"}}]
    )
    @pytest.mark.parametrize("client", [FOX, {"is_bot": True}])
    def test_that_the_parser_recognises_nothing_of_is_kept(self, raw, client):
        answer = rederive(row(**raw, **client), Sources(backend="tests.parsers.Ignorant"))
        assert answer.changes == {}
        assert answer.not_recognised
        assert not answer.without_raw

    def test_that_nobody_has_recognised_yet_is_right(self):
        answer = rederive(row(user_agent=AGENT), Sources(backend="tests.parsers.Ignorant"))
        assert answer == module.Rederived({})
        assert not answer.is_kept

    def test_that_is_recognised_in_part_is_derived(self):
        answer = rederive(row(user_agent="Mac 10.9;  ; ", **FOX), PLAIN)
        assert answer.changes["client_name"] == ""
        assert not answer.not_recognised

    def test_is_derived_from_hints_alone(self):
        answer = rederive(row(client_hints={"sec-ch-ua-platform": '"Windows"'}), PLAIN)
        assert answer.changes["os_name"] == "Windows"
        assert not answer.without_raw

    def test_without_raw_values_is_kept(self):
        answer = rederive(row(**FOX), PLAIN)
        assert answer.changes == {}
        assert answer.without_raw

    def test_that_cannot_be_parsed_is_kept(self):
        answer = rederive(row(user_agent="broken", **FOX), PLAIN)
        assert answer.changes == {}
        assert isinstance(answer.error, RuntimeError)
        assert not answer.without_raw

    @pytest.mark.parametrize("hints", [["sec-ch-ua-platform"], "sec-ch-ua-platform", 7])
    def test_is_kept_where_the_hints_are_none(self, hints):
        answer = rederive(row(client_hints=hints, **FOX), PLAIN)
        assert answer.changes == {}
        assert answer.error is not None

    def test_that_takes_too_long_is_kept(self, settings):
        settings.SESSIONS_HUB_USER_AGENT_TIMEOUT = timedelta(milliseconds=20)
        answer = rederive(
            row(user_agent=AGENT, os_name="Old"), Sources(backend="tests.parsers.Slow")
        )
        assert answer.changes == {}
        assert isinstance(answer.error, TimeoutError)


@pytest.mark.parametrize("agent", ["", "broken"])
def test_keys_of_versions_follow_the_version_that_is_kept(agent):
    stored = row(user_agent=agent, os_version="10.9", client_version="9.1", client_version_key="x")
    assert rederive(stored, PLAIN).changes == {
        name: FOX[name] for name in ("os_version_key", "client_version_key")
    }


@pytest.mark.parametrize(
    ("address", "stored", "key"),
    [
        ("203.0.113.7", "", KEY),
        ("::ffff:203.0.113.7", "", KEY),
        ("2001:db8::1", KEY, "20010db8000000000000000000000001"),
        (None, KEY, ""),
    ],
)
def test_the_key_of_an_address_follows_the_address(address, stored, key):
    assert rederive(row(ip=address, ip_key=stored), PLAIN).changes == {"ip_key": key}


def test_a_row_of_a_model_without_places_has_none():
    stored = {name: value for name, value in row().items() if name in CLIENT_COLUMNS}
    assert rederive(stored, PLAIN).changes == {}


class TestPlace:
    @pytest.fixture
    def changes(self, monkeypatch):
        """The changes of a row with these values, where the GeoIP files tell `found`."""

        def changes(stored, found, *, relocate=False):
            monkeypatch.setattr(module, "locate", lambda address: Place(**found))
            sources = Sources(backend=PLAIN.backend, relocate=relocate)
            return rederive(row(**stored), sources).changes

        return changes

    def test_is_filled_where_there_is_none(self, changes):
        assert changes(NO_PLACE, BERLIN | TELEKOM) == BERLIN | TELEKOM

    @pytest.mark.parametrize(
        "known", [{"country_code": "DE"}, {"latitude": 0.0}, {"time_zone": "Europe/Berlin"}]
    )
    def test_that_is_known_is_history(self, changes, known):
        assert changes(NO_PLACE | known, LINZ) == {}

    def test_and_operator_are_filled_apart(self, changes):
        assert changes(NO_PLACE | BERLIN, LINZ | TELEKOM) == TELEKOM
        assert changes(NO_PLACE | {"autonomous_system": "AS1 Other"}, BERLIN | TELEKOM) == BERLIN

    def test_is_replaced_as_a_whole_when_told(self, changes):
        stored = NO_PLACE | BERLIN | {"autonomous_system": "AS1 Other"}
        assert changes(stored, LINZ | TELEKOM, relocate=True) == {
            "country_code": "AT",
            "region": "",
            "city": "Linz",
            **TELEKOM,
        }

    def test_is_never_replaced_by_nothing(self, changes):
        assert changes(NO_PLACE | BERLIN | TELEKOM, {}, relocate=True) == {}
        assert changes(NO_PLACE | BERLIN | TELEKOM, LINZ, relocate=True).keys() == {
            "country_code",
            "region",
            "city",
        }

    @pytest.mark.parametrize("found", [{"country_code": "DE"}, {"time_zone": "Europe/Berlin"}])
    def test_is_never_replaced_by_less_of_the_same_country(self, changes, found):
        assert changes(NO_PLACE | BERLIN | TELEKOM, found, relocate=True) == {}
        assert changes(NO_PLACE | BERLIN, found | {"city": "Bonn"}, relocate=True) == {
            "city": "Bonn"
        }

    def test_keeps_nothing_of_another_country(self, changes):
        there = changes(NO_PLACE | BERLIN, {"country_code": "AT"}, relocate=True)
        assert there == {**dict.fromkeys(BERLIN, ""), "country_code": "AT"} | {
            "latitude": None,
            "longitude": None,
        }

    @pytest.mark.parametrize("relocate", [False, True])
    def test_of_a_row_without_an_address_is_kept(self, changes, relocate):
        assert changes({"country_code": "DE"}, LINZ, relocate=relocate) == {}
