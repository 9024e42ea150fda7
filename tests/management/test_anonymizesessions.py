"""anonymizesessions takes out what points to a person, and leaves what still has to judge."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import serializers
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.address import address_key
from sessions_hub.lifecycle.anonymize import cut_address, round_coordinate
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice
from sessions_hub.reporting import statistics
from tests.factories import make_device, make_session_device

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGENT = "Mozilla/5.0 (somebody's own)"
HINTS = {"sec-ch-ua-model": '"Pixel 9"'}
MODELS = (Session, SessionDevice, Device, AuthenticationMethod)


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("192.0.2.255", "192.0.2.0"),
        ("192.0.2.0", "192.0.2.0"),
        ("0.0.0.1", "0.0.0.0"),
        ("2001:db8:1:ffff:1:2:3:4", "2001:db8:1::"),
        ("2001:db8:1::", "2001:db8:1::"),
        ("::1", "::"),
    ],
)
def test_addresses_are_cut(address, cut):
    assert cut_address(address) == cut == cut_address(cut)


@pytest.mark.parametrize(
    ("degrees", "rounded"), [(52.5163, 52.5), (-0.04, 0.0), (179.96, 180.0), (None, None)]
)
def test_coordinates_are_rounded(degrees, rounded):
    assert round_coordinate(degrees) == rounded


@pytest.fixture
def full(session):
    """A session with all that may point to a person, there and in the rows around it."""

    def full(name: str = "ada", address: str = "192.0.2.77", **values: object) -> Session:
        client = {"user_agent": AGENT, "client_hints": HINTS, "os_name": "Android"}
        where = {"latitude": 52.5163, "longitude": 13.3777, "country_code": "DE", "city": "Berlin"}
        fingerprint = ClientSnapshot(address=address, user_agent=AGENT).fingerprint
        row = session(
            name, ip=address, current_fingerprint=fingerprint, **client, **where, **values
        )
        device = make_device(row.user, timezone.now() - 400 * DAY, **client)
        place = {"ip": address, "ip_key": address_key(address), **client, **where}
        make_session_device(row, device, fingerprint=fingerprint, **place)
        make_session_device(row, None, fingerprint=f"!{fingerprint[1:]}", **place)
        return row

    return full


def stored() -> str:
    return serializers.serialize("json", [row for model in MODELS for row in model.objects.all()])


@pytest.mark.parametrize("address", ["198.51.100.0", "2001:db8:1::"])
def test_the_digest_of_an_address_that_looks_cut_goes_too(address, full, run):
    row = full(address=address, ended=100 * DAY)
    places = SessionDevice.objects.filter(session=row)
    places.update(latitude=None, longitude=None)
    before = set(places.values_list("fingerprint", flat=True))
    run("anonymizesessions")
    after = set(places.values_list("fingerprint", flat=True))
    assert len(after) == 2
    assert not after & before
    # Done once: a second run finds nothing to do.
    run("anonymizesessions")
    assert set(places.values_list("fingerprint", flat=True)) == after


@pytest.mark.parametrize("address", ["192.0.2.77", "2001:db8:1:2:3:4:5:6"])
def test_nothing_is_left_that_points_to_a_person(address, full, run):
    row = full(address=address, ended=91 * DAY)
    fingerprint = row.current_fingerprint
    for word in (address, address_key(address), AGENT, "Pixel 9", "52.51", "13.37", fingerprint):
        assert word in stored()
    run("anonymizesessions")
    left = stored()
    for word in (
        *(address, address_key(address), AGENT, "Pixel 9", "52.51", "13.37"),
        *(fingerprint, fingerprint[1:]),
    ):
        assert word not in left
    row.refresh_from_db()
    assert (row.ip, row.ip_key) == (cut_address(address), address_key(cut_address(address)))
    assert (row.latitude, row.longitude) == (52.5, 13.4)
    # What was made of it stays.
    assert (row.os_name, row.country_code, row.city) == ("Android", "DE", "Berlin")
    accepted, held = SessionDevice.objects.order_by("-fingerprint")
    assert (accepted.fingerprint[:1] == "!", held.fingerprint[:1]) == (False, "!")
    assert (accepted.ip, accepted.latitude, accepted.os_name) == (row.ip, 52.5, "Android")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"ago": 300 * DAY},
        {"ended": 89 * DAY},
        # A limit has passed, and nothing has stamped it.
        {"over": 100 * DAY},
        {"proof_required_at": timezone.now()},
    ],
    ids=["new", "old", "ended lately", "not stamped", "held"],
)
def test_what_has_not_ended_long_ago_is_left_alone(values, full, run):
    full(**values)
    before = stored()
    if "ended" in values:
        Device.objects.update(last_seen_at=timezone.now())
        before = stored()
    said = run("anonymizesessions")
    assert stored() == before
    assert [line.split()[-1] for line in said.splitlines()[2:]] == ["0", "0", "0"]


def test_a_device_that_an_open_session_was_used_on_is_left(full, run):
    row = full(ended=100 * DAY)
    open_row = full("ada")
    device = row.devices.get()
    make_session_device(open_row, device)
    run("anonymizesessions")
    device.refresh_from_db()
    assert device.user_agent == AGENT


def test_a_second_run_finds_nothing(full, run):
    for address in ("192.0.2.77", "192.0.2.0", "2001:db8::1"):
        full(address=address, ended=100 * DAY)
    # The last three lines: a slow run tells how far it is, above them.
    counts = [line.split()[-1] for line in run("anonymizesessions").splitlines()[-3:]]
    assert counts == ["3", "6", "3"]
    before = stored()
    again = run("anonymizesessions")
    assert [line.split()[-1] for line in again.splitlines()[-3:]] == ["0", "0", "0"]
    assert stored() == before


@pytest.mark.parametrize(
    ("addresses", "agents", "cut", "dropped"),
    [
        (None, None, False, False),
        (None, 90, False, True),
        (90, None, True, False),
        (90, 400, True, False),
        (400, 90, False, True),
    ],
)
def test_each_setting_is_for_its_part(addresses, agents, cut, dropped, full, run, settings):
    settings.SESSIONS_HUB_ADDRESS_RETENTION = addresses and addresses * DAY
    settings.SESSIONS_HUB_USER_AGENT_RETENTION = agents and agents * DAY
    full(ended=100 * DAY)
    run("anonymizesessions")
    for row in (Session.objects.get(), *SessionDevice.objects.all()):
        assert (row.ip == "192.0.2.0", row.latitude == 52.5) == (cut, cut)
        assert (row.user_agent == "", row.client_hints == {}) == (dropped, dropped)


def test_the_age_may_be_given(full, run):
    full(ended=2 * DAY)
    run("anonymizesessions", "--older-than=3d")
    assert Session.objects.get().ip == "192.0.2.77"
    run("anonymizesessions", "--older-than=36h")
    assert Session.objects.get().ip == "192.0.2.0"


def test_a_dry_run_counts_what_a_run_does(full, run):
    full(ended=100 * DAY)
    full()
    before = stored()
    looked = run("anonymizesessions", "--dry-run").splitlines()[2:]
    assert stored() == before
    assert looked == run("anonymizesessions").replace("anonymized", "would be").splitlines()[2:]


def test_the_time_it_may_take_ends_it_and_the_next_run_does_the_rest(full, run, stopped):
    for _ in range(3):
        full(ended=100 * DAY)
    assert stopped("anonymizesessions", "--batch-size=1", "--max-seconds=0").status == 3
    assert Session.objects.filter(ip="192.0.2.0").count() == 1
    run("anonymizesessions")
    assert Session.objects.filter(ip="192.0.2.0").count() == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_killed_in_the_middle_it_is_finished_by_the_next_run(full, run, killed):
    for _ in range(4):
        full(ended=100 * DAY)
    killed(2, "anonymizesessions", "--batch-size=2")
    assert Session.objects.filter(ip="192.0.2.0").count() == 2
    run("anonymizesessions")
    assert AGENT not in stored()
    assert not Session.objects.exclude(ip="192.0.2.0").exists()


@pytest.mark.parametrize("name", ["ADDRESS_RETENTION", "USER_AGENT_RETENTION"])
def test_a_wrong_setting_is_explained(name, full, settings, stopped):
    full(ended=100 * DAY)
    setattr(settings, f"SESSIONS_HUB_{name}", 90)
    before = stored()
    error = stopped("anonymizesessions")
    assert (error.status, f"SESSIONS_HUB_{name} must be" in error.message) == (1, True)
    assert stored() == before


class TestOneUser:
    def test_becomes_nobody_while_the_numbers_stay(self, full, run):
        full("ada", ended=DAY)
        full("ada")
        full("bob")
        now = timezone.now()
        before = statistics(now)
        said = run("anonymizesessions", "--user=ada", "--yes")
        assert said == "Anonymized 2 of 2 sessions of ada.\n"
        rows = list(Session.objects.filter(user=None))
        assert [(row.ip, row.user_agent, row.ended_at is None) for row in rows] == [
            (None, "", False)
        ] * 2
        assert {row.user.username for row in Session.objects.exclude(user=None)} == {"bob"}
        assert {device.user.username for device in Device.objects.all()} == {"bob"}
        after = statistics(now)
        for name in ("operating_systems", "countries", "methods"):
            assert getattr(after, name) == getattr(before, name)
        # The account is not touched.
        assert get_user_model().objects.filter(username="ada").exists()

    def test_is_asked_about_first(self, full, stopped, run, monkeypatch):
        full("ada")
        monkeypatch.setattr("sys.stdin", None)
        error = stopped("anonymizesessions", "--user=ada")
        assert (error.status, "1 session of ada" in error.message) == (1, True)
        assert "Would anonymize 1 session of ada" in run(
            "anonymizesessions", "--user=ada", "--dry-run"
        )
        assert json.loads(stored())[0]["fields"]["ip"] == "192.0.2.77"

    def test_has_to_exist(self, stopped):
        assert "there is no user" in stopped("anonymizesessions", "--user=eve").message
