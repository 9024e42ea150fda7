"""The made-up history: whatever sign-ins and uses leave true of rows is true of its rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import router, transaction

from example_project.demo import geoip
from example_project.demo.accounts import NAMES
from example_project.demo.history import fill
from example_project.demo.problems import DemoError
from example_project.demo.towns import TOWNS
from example_project.management.commands.demohistory import Command
from sessions_hub.capture.address import address_key
from sessions_hub.capture.snapshot import given_snapshot
from sessions_hub.conf import conf
from sessions_hub.lifecycle.credentials import count_worthless
from sessions_hub.lifecycle.digests import CREDENTIALS, digest
from sessions_hub.lifecycle.proofs import level_of_claims
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    FailedSignIns,
    Session,
    SessionDevice,
    SessionToken,
    SessionType,
)
from sessions_hub.models.client import client_values, place_values
from sessions_hub.models.failed_sign_ins import quarter_of
from sessions_hub.models.ids import time_of
from sessions_hub.models.querysets import LIMIT_REASONS
from sessions_hub.models.validity import end_by_limit, is_within_limits
from sessions_hub.understanding import locate, understand_client

pytestmark = pytest.mark.django_db(databases="__all__")
BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
START = NOW - timedelta(weeks=8)
MILLISECOND = timedelta(milliseconds=1)
TOWN_OF = {(town.country_code, town.name): town for town in TOWNS}


class History:
    """All rows of one history, read back from the database."""

    def __init__(self) -> None:
        self.sessions = list(Session.objects.select_related("user", "impersonator").order_by("pk"))
        self.devices = list(Device.objects.all())
        self.tokens = list(SessionToken.objects.select_related("session"))
        self.proofs: dict[object, list[AuthenticationMethod]] = defaultdict(list)
        self.places: dict[object, list[SessionDevice]] = defaultdict(list)
        for proof in AuthenticationMethod.objects.order_by("pk"):
            self.proofs[proof.session_id].append(proof)
        for place in SessionDevice.objects.select_related("device").order_by("pk"):
            self.places[place.session_id].append(place)
        self.people = list(User.objects.all())
        self.failed = list(FailedSignIns.objects.all())
        self.active = set(Session.objects.active(NOW).values_list("pk", flat=True))
        self.worthless = count_worthless(NOW)
        allowed = User.objects.with_perm("sessions_hub.impersonate_user", backend=BACKEND)
        self.may_impersonate = set(allowed)


@pytest.fixture(scope="module")
def kept() -> list[History]:
    return []


@pytest.fixture
def history(db, kept) -> History:
    """The same for all tests: its rows are in memory, and in the database of the first."""
    if not kept:
        fill(NOW, sessions=2000)
        kept.append(History())
    return kept[0]


def test_ids_carry_the_time_of_their_rows(history):
    rows = [(row.pk, row.issued_at) for row in history.sessions]
    rows += [(row.pk, row.first_seen_at) for row in history.devices]
    rows += [(row.pk, row.created_at) for row in history.tokens]
    rows += [(row.pk, row.completed_at) for rows in history.proofs.values() for row in rows]
    rows += [(row.pk, row.first_seen_at) for rows in history.places.values() for row in rows]
    assert all(pk.version == 7 for pk, _at in rows)
    assert all(timedelta(0) <= at - time_of(pk) < MILLISECOND for pk, at in rows)
    assert all(START <= row.issued_at < NOW for row in history.sessions)


def test_clients_and_places_are_what_their_requests_would_have_told(history):
    told: dict[object, dict[str, object]] = {}
    rows = [row for rows in history.places.values() for row in rows]
    for row in [*rows, *history.sessions]:
        snapshot = given_snapshot(row.ip, row.user_agent, row.client_hints)
        assert snapshot.hints == row.client_hints
        key = (row.user_agent, repr(row.client_hints))
        if key not in told:
            told[key] = client_values(snapshot, understand_client(snapshot))
        place = place_values(snapshot, TOWN_OF[row.country_code, row.city].place)
        for name, value in {**told[key], **place}.items():
            assert getattr(row, name) == value, name
        assert row.ip_key == address_key(row.ip)
        fingerprint = row.fingerprint if isinstance(row, SessionDevice) else None
        assert fingerprint in (None, snapshot.fingerprint)


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.name)
def test_towns_are_told_as_the_demo_s_database_tells_them(town, settings, built):
    settings.SESSIONS_HUB_GEOIP_PATH = built
    assert locate(town.address()) == town.place


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("geoip")
    geoip.build(folder)
    return folder


def test_ends_come_after_their_sign_ins_and_limits_end_at_their_instant(history):
    for row in history.sessions:
        assert row.issued_at <= row.last_used_at <= NOW
        assert row.idle_expires_at <= row.expires_at
        assert row.updated_at <= NOW
        if row.ended_at is None:
            assert row.end_reason == ""
            continue
        assert row.issued_at <= row.last_used_at <= row.ended_at <= row.updated_at
        if row.end_reason in LIMIT_REASONS:
            assert row.how_ended() == end_by_limit(row.expires_at, row.idle_expires_at, NOW)
        else:
            assert is_within_limits(row.expires_at, row.idle_expires_at, row.ended_at)


def test_levels_and_times_of_proof_follow_from_the_proofs(history):
    for row in history.sessions:
        proofs = history.proofs[row.pk]
        assert row.assurance_level == level_of_claims(proofs)
        times = [proof.completed_at for proof in proofs] or [row.issued_at]
        assert times[0] == row.issued_at
        assert row.authenticated_at == times[-1] <= row.last_used_at
        assert row.fully_authenticated_at in times
        assert (row.mfa_updated_at is None) == (
            not any(
                proof.method in ("totp", "webauthn", "passkey", "lookup_secret") for proof in proofs
            )
        )


def test_every_session_was_used_where_it_began_and_nowhere_else_than_its_places(history):
    for row in history.sessions:
        places = history.places[row.pk]
        first = places[0]
        assert (first.first_seen_at, first.ip, first.user_agent) == (
            *(row.issued_at, row.ip, row.user_agent),
        )
        assert row.current_fingerprint in {place.fingerprint for place in places}
        assert len(places) <= conf.SESSIONS_HUB_MAX_ENDPOINTS
        for place in places:
            assert place.first_seen_at <= place.last_seen_at <= row.last_used_at
            if row.session_type == SessionType.IMPERSONATION:
                assert place.device is None
            else:
                assert place.device.user_id == row.user_id
                assert place.device.first_seen_at <= place.first_seen_at
                assert place.last_seen_at <= place.device.last_seen_at


def test_forgotten_devices_are_known_no_longer_and_used_no_longer(history):
    forgotten = [device for device in history.devices if device.forgotten_at is not None]
    assert forgotten
    for device in history.devices:
        assert (device.key_digest is None) == (device.forgotten_at is not None)
        if device.forgotten_at is not None:
            assert device.last_seen_at <= device.forgotten_at


def test_impersonations_stand_on_a_session_that_outlasts_them(history):
    by_id = {row.pk: row for row in history.sessions}
    acting = [row for row in history.sessions if row.is_impersonation]
    assert acting
    for row in acting:
        own = by_id[row.impersonator_session_id]
        assert row.impersonator == own.user
        assert row.impersonator in history.may_impersonate
        assert row.user != own.user
        assert not row.user.is_staff
        assert row.impersonation_reason
        assert row.expires_at <= min(row.issued_at + timedelta(hours=1), own.expires_at)
        assert row.issued_at - own.issued_at < conf.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE
        assert row.ended_at <= own.last_used_at
        assert (own.generation, row.generation) == (2, 0)


def test_a_prune_finds_nothing_to_end_but_limits_of_the_last_day(history):
    assert history.worthless == 0
    assert history.active == {row.pk for row in history.sessions if row.is_active(NOW)}
    assert len(history.active) > 100
    for row in history.sessions:
        if row.ended_at is None and not row.user.is_active:
            pytest.fail("An open session of a disabled user.")
        if row.ended_at is None and (end := row.how_ended(NOW)) is not None:
            assert NOW - end.at < timedelta(days=1)


def test_open_sessions_rest_on_the_passwords_of_today(history):
    valid = {user: digest(CREDENTIALS, user.get_session_auth_hash()) for user in history.people}
    for row in history.sessions:
        if row.ended_at is None:
            assert row.credentials_digest == valid[row.user]


def test_nothing_of_it_can_be_taken_for_real(history):
    assert all(row.metadata["made_up"] for row in history.sessions)
    for user in history.people:
        assert user.username.startswith("demo-user-")
        assert user.email.endswith("@example.com")
        assert not user.has_usable_password()
        assert not user.is_superuser


def test_it_has_something_of_everything_there_is_to_see(history):
    rows = history.sessions
    assert {row.end_reason for row in rows} == {*EndReason.values, ""}
    assert {row.assurance_level for row in rows} == {0, 1, 2, 3}
    methods = {proof.method for proofs in history.proofs.values() for proof in proofs}
    assert {"password", "totp", "webauthn", "passkey", "oidc", "lookup_secret"} <= methods
    assert {"desktop", "smartphone", "tablet"} <= {row.device_type for row in rows}
    assert len({row.country_code for row in rows}) >= 12
    assert len({row.tenant_id for row in rows}) >= 3
    types = {*("regular_login", "impersonation", "api_key", "account_recovery", "one_time_access")}
    assert types == {row.session_type for row in rows}
    assert {place.country_code for places in history.places.values() for place in places[1:]}
    steps = [p for row in rows for p in history.proofs[row.pk] if p.completed_at > row.issued_at]
    assert len(steps) > 50
    assert any(row.expires_at > row.authenticated_at + timedelta(days=14) for row in rows)


def test_days_and_versions_go_as_they_do(history):
    regular = [row for row in history.sessions if row.session_type == SessionType.REGULAR_LOGIN]
    weekend = sum(row.issued_at.weekday() >= 5 for row in regular)
    # Two days of seven, were they like the others.
    assert weekend < len(regular) * 0.2
    early, late = (
        {row.client_version for row in regular if low <= row.issued_at < high and _is_chrome(row)}
        for low, high in (
            (START, START + timedelta(weeks=2)),
            (NOW - timedelta(weeks=2), NOW),
        )
    )
    assert max(early) < max(late)


def test_failed_sign_ins_are_few_but_for_one_night(history):
    assert all(START - timedelta(hours=1) <= one.starts_at <= NOW for one in history.failed)
    assert all(one.starts_at == quarter_of(one.starts_at) and one.count for one in history.failed)
    total = sum(one.count for one in history.failed)
    assert 0.05 * len(history.sessions) < total < 0.3 * len(history.sessions)
    per_day = Counter()
    for one in history.failed:
        per_day[one.starts_at.date()] += one.count
    (_night, most), (_day, second) = per_day.most_common(2)
    assert most > 3 * second


def _is_chrome(row) -> bool:
    return row.client_name == "Chrome"


class TestFilling:
    def test_twice_does_not_double(self):
        first = fill(NOW, sessions=100)
        assert first.sessions == Session.objects.count() > 50
        assert first.users == User.objects.count()
        assert fill(NOW, sessions=100).sessions == 0
        assert first.sessions == Session.objects.count()

    def test_the_same_seed_makes_the_same_rows_and_another_others(self, settings):
        settings.SECRET_KEY = "a" * 50

        def made(seed):
            with transaction.atomic(using=router.db_for_write(Session)):
                fill(NOW, seed=seed, sessions=100)
                columns = ("pk", "user__username", "ip", "user_agent", "ended_at", "end_reason")
                rows = list(Session.objects.order_by("pk").values_list(*columns))
                proofs = list(AuthenticationMethod.objects.order_by("pk").values_list("pk"))
                transaction.set_rollback(True, using=router.db_for_write(Session))
            return rows, proofs

        assert made(5) == made(5)
        assert made(5) != made(6)

    def test_spares_a_database_with_users_of_its_own(self):
        User.objects.create(username="ada")
        with pytest.raises(DemoError, match="1 users of its own, such as 'ada'"):
            fill(NOW, sessions=100)
        with pytest.raises(CommandError, match="--beside-others"):
            call_command(Command(), sessions=100)
        assert (Session.objects.count(), User.objects.count()) == (0, 1)
        assert fill(NOW, sessions=100, beside_others=True).sessions > 50

    def test_does_not_mind_the_people_of_the_story(self):
        User.objects.create(username=next(iter(NAMES)))
        assert fill(NOW, sessions=100).sessions > 50
