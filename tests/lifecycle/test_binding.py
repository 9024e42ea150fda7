"""Sessions that show up in another place, over HTTP: what is a move, recorded or the end."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.lifecycle import moves
from sessions_hub.models import Device, EndReason, Session, SessionDevice

from .faults import TABLES, locked
from .moving import bind, places_of_session, thief_of
from .places import (
    BERLIN,
    BERLIN_2,
    CHROME_143,
    CHROME_ON_LINUX,
    FIREFOX,
    NEW_YORK,
    NOWHERE,
    POTSDAM,
    VIENNA,
)
from .test_query_counts import Statements

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("moving_site"),
]


class TestWhatIsAMove:
    @pytest.mark.parametrize(
        ("cause", "address", "agent"),
        [
            ("country", VIENNA, None),
            ("autonomous_system", POTSDAM, None),
            ("travel", NEW_YORK, None),
            ("os", BERLIN, CHROME_ON_LINUX),
            ("client", BERLIN, FIREFOX),
        ],
    )
    def test_each_cause_is_seen_where_it_is_bound(
        self, settings, traveller, heard, cause, address, agent
    ):
        traveller.be_at(address)
        if agent:
            traveller.use(agent)
        others = {"country", "autonomous_system", "travel", "os", "client"} - {cause}
        bind(settings, **dict.fromkeys(others, "ignore"), **{cause: "end"})
        assert traveller.whoami() is None
        assert Session.objects.get().end_reason == EndReason.COMPROMISED
        (said,) = heard["session_moved"]
        assert (said["action"], said["causes"]) == ("end", (cause,))

    @pytest.mark.parametrize(
        ("address", "agent"),
        [
            pytest.param(BERLIN_2, None, id="another-address-of-the-network"),
            pytest.param(BERLIN, CHROME_143, id="a-newer-version"),
            pytest.param(NOWHERE, None, id="an-address-without-a-place"),
            pytest.param(BERLIN, "", id="no-agent"),
        ],
    )
    def test_no_move(self, settings, traveller, heard, address, agent):
        everything = ("country", "autonomous_system", "travel", "os", "client")
        bind(settings, **dict.fromkeys(everything, "end"))
        traveller.be_at(address)
        if agent is not None:
            traveller.use(agent)
        assert traveller.whoami() == "ada"
        assert heard["session_moved"] == []

    def test_hints_that_come_later_are_no_move(self, settings, traveller):
        bind(settings, os="end", client="end")
        traveller.be_at(BERLIN_2)
        traveller.use(
            traveller.headers["user-agent"],
            sec_ch_ua='"Brave";v="142", "Chromium";v="142", "Not_A Brand";v="99"',
            sec_ch_ua_platform='"Windows"',
            sec_ch_ua_platform_version='"15.0.0"',
        )
        assert traveller.whoami() == "ada"
        # And going without them again, at a third address.
        latest = SessionDevice.objects.get(ip=BERLIN_2)
        assert (latest.client_name, latest.os_version) == ("Brave", "11")
        for name in [name for name in traveller.headers if name.startswith("sec-")]:
            del traveller.headers[name]
        traveller.be_at("203.0.113.55")
        assert traveller.whoami() == "ada"

    def test_without_a_database_of_places_nothing_moves(self, settings, traveller):
        bind(settings, country="end", travel="end", autonomous_system="end")
        settings.SESSIONS_HUB_GEOIP_PATH = "/no/such/file.mmdb"
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() == "ada"

    def test_a_session_that_began_without_a_client_takes_the_first(self, settings, traveller):
        bind(settings, country="end")
        SessionDevice.objects.all().delete()
        Session.objects.update(current_fingerprint="", country_code="")
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() == "ada"
        assert Session.objects.get().country_code == "US"

    def test_travel_counts_from_the_last_use_not_from_the_first(self, settings, traveller):
        bind(settings, travel="end")
        long_ago = timezone.now() - timedelta(days=2)
        SessionDevice.objects.update(first_seen_at=long_ago, last_seen_at=long_ago)
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() is None

    def test_travel_that_takes_its_time_is_none(self, settings, traveller):
        bind(settings, travel="end")
        long_ago = timezone.now() - timedelta(hours=9)
        SessionDevice.objects.update(last_seen_at=long_ago)
        Session.objects.update(last_used_at=long_ago)
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() == "ada"


class TestRecord:
    def test_is_told_once_and_refuses_nothing(self, settings, traveller, heard, caplog):
        bind(settings, country="record")
        traveller.be_at(VIENNA)
        with caplog.at_level(logging.WARNING, "sessions_hub"):
            assert [traveller.whoami() for _ in range(3)] == ["ada"] * 3
        (said,) = heard["session_moved"]
        assert said.keys() == {"sender", "endpoint", "action", "causes", "request"}
        assert said["sender"] is Session
        assert said["endpoint"].country_code == "AT"
        assert said["endpoint"].session == Session.objects.get()
        (line,) = [one for one in caplog.records if "session.moved" in one.message]
        assert f"causes=country action=record address={VIENNA}" in line.message
        assert line.action == "record"

    def test_flapping_between_two_countries_is_one_move(self, settings, traveller, heard):
        bind(settings, country="record", autonomous_system="record")
        for address in (VIENNA, BERLIN, VIENNA, BERLIN_2, "198.51.100.99"):
            traveller.be_at(address)
            assert traveller.whoami() == "ada"
        assert len(heard["session_moved"]) == 1

    def test_is_all_there_is_where_nothing_is_enforced(self, settings, traveller, heard):
        settings.SESSIONS_HUB_ENFORCE = False
        bind(settings, country="end", os="step_up")
        traveller.be_at(VIENNA)
        assert traveller.whoami() == "ada"
        assert heard["session_moved"][0]["action"] == "record"
        row = Session.objects.get()
        assert (row.ended_at, row.proof_required_at) == (None, None)


class TestEnd:
    def test_refuses_the_very_request(self, settings, traveller, heard):
        bind(settings, country="end")
        thief = thief_of(traveller)
        assert thief.whoami() is None
        assert traveller.whoami() is None
        row = Session.objects.get()
        assert (row.end_reason, row.ended_by_id) == (EndReason.COMPROMISED, None)
        assert len(heard["session_ended"]) == 1

    def test_keeps_the_place_in_the_history_and_makes_no_device(self, settings, traveller):
        bind(settings, country="end")
        thief_of(traveller).whoami()
        assert places_of_session() == [BERLIN, NEW_YORK]
        assert Device.objects.count() == 1

    def test_that_cannot_be_stored_is_no_sign_in(self, settings, traveller, monkeypatch):
        bind(settings, country="end")

        def fail(*args, **kwargs):
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(moves, "end_row", fail)
        thief = thief_of(traveller)
        assert thief.get("/whoami/").status_code == 503
        assert traveller.whoami() == "ada"

    @pytest.mark.parametrize("table", [SessionDevice._meta.db_table])
    def test_a_locked_table_of_places_is_503(self, settings, traveller, table):
        assert table in TABLES
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=200)
        bind(settings, country="end")
        traveller.be_at(BERLIN_2)
        with locked(table):
            assert traveller.get("/whoami/").status_code == 503
        assert traveller.whoami() == "ada"


class TestReceiversThatRaise:
    def test_change_nothing(self, settings, traveller):
        def grumble(**kwargs):
            raise RuntimeError("not today")

        told = (signals.session_moved, signals.country_first_seen)
        for signal in told:
            signal.connect(grumble, weak=False)
        try:
            bind(settings, country="record", os="end")
            traveller.be_at(VIENNA)
            assert traveller.whoami() == "ada"
            traveller.use(CHROME_ON_LINUX)
            assert traveller.whoami() is None
        finally:
            for signal in told:
                signal.disconnect(grumble)
        assert Session.objects.get().end_reason == EndReason.COMPROMISED
        assert places_of_session() == [BERLIN, VIENNA, VIENNA]


class TestCost:
    EVERYTHING = dict.fromkeys(
        ("country", "autonomous_system", "travel", "os", "client"), "step_up"
    )

    def test_from_where_the_session_is_nothing_is_added(self, settings, traveller):
        traveller.get("/public/")
        with Statements() as before:
            traveller.get("/public/")
        bind(settings, **self.EVERYTHING)
        with Statements() as bound:
            traveller.get("/public/")
        assert len(bound.all) == len(before.all)

    def test_from_another_address_it_is_one_select(self, settings, traveller):
        def ran_at(address: str) -> Statements:
            traveller.be_at(address)
            with Statements() as ran:
                traveller.get("/public/")
            return ran

        ran_at(BERLIN_2)
        before = ran_at(BERLIN)
        bind(settings, **self.EVERYTHING)
        assert len(ran_at(BERLIN_2).ours) == len(before.ours) + 1
