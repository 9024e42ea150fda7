"""What a provider has given is written on the proof it belongs to, and proves nothing itself."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, transaction

from sessions_hub.credentials.encryption import decrypt, place_of
from sessions_hub.credentials.keys import key_of, key_ring
from sessions_hub.lifecycle import (
    arecord_provider,
    end_session,
    forget_provider,
    record_provider,
    start_session,
)
from sessions_hub.lifecycle import provider_record as module
from sessions_hub.lifecycle.factors.base import LONGEST_TOKEN, ProviderGrant
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.proofs import level_with, standing
from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.understanding.methods import MethodClaim
from tests.credentials.keys import FIRST, SECOND
from tests.credentials.shown import shown

from .faults import locked
from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ISSUER = "https://company.example"
ACCESS, REFRESH = "s3cr3t-access-token", "s3cr3t-refresh-token"
EXPIRES = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]


@pytest.fixture
def session(user) -> Session:
    return start_session(user, method=by("company", "4711"))


def by(provider: str, uid: str, method: str = "oidc") -> MethodClaim:
    return MethodClaim(method=method, provider=provider, provider_uid=uid)


def proofs(session: Session) -> list[AuthenticationMethod]:
    return list(session.authentication_methods.order_by("completed_at", "pk"))


def opened(row: AuthenticationMethod, column: str = "provider_access_token") -> str:
    place = place_of(AuthenticationMethod, row.pk, column)
    return decrypt(getattr(row, column), place, key_ring())


def test_all_of_it_lies_on_the_proof_of_the_sign_in(session):
    (before,) = proofs(session)
    made = record_provider(
        session,
        "company",
        "4711",
        access_token=ACCESS,
        refresh_token=REFRESH,
        expires_at=EXPIRES,
        issuer=ISSUER,
        acr="urn:mfa",
        amr=["pwd", "mfa"],
        organization="acme",
    )
    (row,) = proofs(session)
    assert made == row.pk == before.pk
    assert (opened(row), opened(row, "provider_refresh_token")) == (ACCESS, REFRESH)
    assert row.provider_access_token_expires_at == EXPIRES
    assert (row.issuer, row.organization) == (ISSUER, "acme")
    assert (row.upstream_acr, row.upstream_amr) == ("urn:mfa", ["pwd", "mfa"])
    assert (row.completed_at, row.revoked_at) == (before.completed_at, None)
    for column in (row.provider_access_token, row.provider_refresh_token):
        assert column.startswith(f"v1.{key_of(FIRST).id}.")
        assert not any(way in column for secret in (ACCESS, REFRESH) for way in shown(secret))


def test_what_is_not_told_stays_as_it_is(session):
    first = {"refresh_token": REFRESH, "expires_at": EXPIRES, "issuer": ISSUER, "acr": "urn:mfa"}
    record_provider(session, "company", "4711", access_token=ACCESS, **first)
    record_provider(session.pk, "company", "4711", organization="acme")
    (row,) = proofs(session)
    assert (opened(row), opened(row, "provider_refresh_token")) == (ACCESS, REFRESH)
    assert (row.issuer, row.upstream_acr, row.organization) == (ISSUER, "urn:mfa", "acme")
    assert row.provider_access_token_expires_at == EXPIRES
    # A provider may give a refresh token once; the life of a new token it does not tell.
    record_provider(session, "company", "4711", access_token="newer")
    (row,) = proofs(session)
    assert (opened(row), opened(row, "provider_refresh_token")) == ("newer", REFRESH)
    assert row.provider_access_token_expires_at is None


@pytest.mark.parametrize(
    ("claim", "issuer", "given", "is_the_same"),
    [
        (by("company", "4711"), "", ("company", "4711", ISSUER), True),
        (by("company", "4711"), ISSUER, ("company", "4711", ISSUER), True),
        (by("company", "4711"), ISSUER, ("company", "4711", ""), True),
        (by("company", "4711", "saml"), "", ("company", "4711", ISSUER), True),
        # A backend that names its provider alone, or nothing.
        (by("company", ""), "", ("company", "4711", ISSUER), True),
        (by("", ""), "", ("company", "4711", ISSUER), True),
        # Somebody is who issuer and id say together.
        (by("company", "4711"), ISSUER, ("company", "4711", "https://other.example"), False),
        (by("company", "4711"), "", ("company", "4712", ISSUER), False),
        (by("company", "4711"), "", ("other", "4711", ISSUER), False),
        (by("company", "4711"), "", ("Company", "4711", ISSUER), False),
        (by("", "4712"), "", ("company", "4711", ISSUER), False),
        (by("", "", "password"), "", ("company", "4711", ISSUER), False),
        (by("company", "4711", "magic_link"), "", ("company", "4711", ISSUER), False),
    ],
)
def test_it_belongs_to_the_sign_in_of_that_user_of_that_issuer(
    user, claim, issuer, given, is_the_same
):
    session = start_session(user, method=claim)
    AuthenticationMethod.objects.update(issuer=issuer)
    provider, uid, told = given
    made = record_provider(session, provider, uid, issuer=told, access_token=ACCESS)
    first, *added = proofs(session)
    assert [row.pk for row in added] == ([] if is_the_same else [made])
    assert bool(first.provider_access_token) is is_the_same
    written = AuthenticationMethod.objects.get(pk=made)
    assert (written.provider, written.provider_uid) == (provider, uid)
    assert opened(written) == ACCESS


def test_of_several_sign_ins_by_a_provider_the_latest_has_it(session):
    (first,) = proofs(session)
    later = first.completed_at + timedelta(seconds=1)
    second = AuthenticationMethod.objects.create(
        session=session, method="oidc", provider="company", completed_at=later
    )
    nameless = AuthenticationMethod.objects.create(
        session=session, method="oidc", completed_at=later + timedelta(seconds=1)
    )
    assert record_provider(session, "company", "4711", access_token=ACCESS) == second.pk
    nameless.refresh_from_db()
    assert nameless.provider == ""


def test_a_connected_account_proves_nothing_however_often_it_is_told(user):
    session = start_session(user, method="password")
    for token in (ACCESS, "newer"):
        record_provider(session, "company", "4711", access_token=token, acr="urn:mfa")
    password, added = proofs(session)
    assert opened(added) == "newer"
    assert (added.method, added.assurance_level) == ("oidc", 0)
    assert [proof.method for proof in standing(session.pk, database())] == ["password"]
    assert level_with(session.pk, (), database()) == 1
    before = session.authenticated_at
    session.refresh_from_db()
    assert (session.assurance_level, session.authenticated_at) == (1, before)
    assert password.provider_access_token == ""


def test_a_session_that_is_over_or_not_there_gets_nothing(session):
    end_session(session, reason="signed_out")
    assert record_provider(session, "company", "4711", access_token=ACCESS) is None
    assert record_provider(uuid4(), "company", "4711", access_token=ACCESS) is None
    assert [row.provider_access_token for row in proofs(session)] == [""]


def test_nor_does_one_in_which_somebody_acts_as_its_user(user):
    session = start_session(user, session_type="impersonation")
    assert record_provider(session, "company", "4711", access_token=ACCESS) is None
    assert not AuthenticationMethod.objects.exclude(provider_access_token="").exists()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"provider": ""}, ValueError),
        ({"provider": None}, TypeError),
        ({"uid": ""}, ValueError),
        ({"uid": 4711}, TypeError),
        ({"uid": f"s3cr3t{'x' * 250}"}, ValueError),
        ({"issuer": f"s3cr3t{'x' * 250}"}, ValueError),
        ({"access_token": b"s3cr3t"}, TypeError),
        ({"refresh_token": None}, TypeError),
        ({"refresh_token": "s3cr3t" * LONGEST_TOKEN}, ValueError),
        ({"expires_at": datetime(2030, 5, 1)}, ValueError),
    ],
)
def test_what_cannot_be_stored_as_it_is_is_refused_without_being_told(session, changed, error):
    given = {"provider": "company", "uid": "4711", "access_token": ACCESS, **changed}
    with pytest.raises(error) as raised:
        record_provider(session, **given)
    assert "s3cr3t" not in repr(raised.value)
    assert [row.provider_access_token for row in proofs(session)] == [""]


def test_a_grant_shows_no_token():
    grant = ProviderGrant(
        provider="company", uid="4711", access_token=ACCESS, refresh_token=REFRESH
    )
    assert "s3cr3t" not in f"{grant!r} {grant!s}"


def test_without_a_key_the_tokens_are_left_out_with_a_warning_a_minute(session, settings, caplog):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = []
    for _ in range(3):
        record_provider(session, "company", "4711", access_token=ACCESS, expires_at=EXPIRES)
    (row,) = proofs(session)
    assert (row.provider_access_token, row.provider_access_token_expires_at) == ("", EXPIRES)
    (line,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert "SESSIONS_HUB_ENCRYPTION_KEYS is empty" in line.getMessage()


def test_under_a_weak_key_nothing_is_stored(session, settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = ["hush-hush"]
    with pytest.raises(ImproperlyConfigured):
        record_provider(session, "company", "4711", access_token=ACCESS)
    assert [row.issuer for row in proofs(session)] == [""]


def test_the_first_key_writes(session, settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND, FIRST]
    record_provider(session, "company", "4711", access_token=ACCESS)
    assert proofs(session)[0].provider_access_token.startswith(f"v1.{key_of(SECOND).id}.")


def test_the_async_twin_does_the_same(session):
    made = async_to_sync(arecord_provider)(session, "company", "4711", access_token=ACCESS)
    assert [row.pk for row in proofs(session)] == [made]


def test_inside_a_transaction_that_is_rolled_back_nothing_stays(session):
    with transaction.atomic(using=database()):
        record_provider(session, "company", "4711", access_token=ACCESS)
        transaction.set_rollback(True, using=database())
    assert [row.provider_access_token for row in proofs(session)] == [""]


def test_a_fault_half_way_leaves_no_row(session, monkeypatch):
    def broken(*args):
        raise OperationalError("gone away")

    monkeypatch.setattr(module, "_sealed", broken)
    with pytest.raises(OperationalError):
        record_provider(session, "other", "4711", access_token=ACCESS)
    assert len(proofs(session)) == 1


@pytest.mark.slow
def test_waits_for_a_lock_no_longer_than_it_may(session, settings):
    settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=100)
    with locked(Session._meta.db_table), pytest.raises(OperationalError):
        record_provider(session, "company", "4711", access_token=ACCESS)
    assert record_provider(session, "company", "4711", access_token=ACCESS) is not None


@pytest.mark.race
def test_told_twice_at_once_it_is_one_row(user, race_rounds):
    for _ in range(race_rounds):
        session = start_session(user, method="password")
        made = at_once(
            *(
                partial(record_provider, session.pk, "company", "4711", access_token=token)
                for token in (ACCESS, "newer")
            )
        )
        _password, added = proofs(session)
        assert made == [added.pk, added.pk]
        assert opened(added) in (ACCESS, "newer")


def test_forgetting_deletes_the_tokens_of_that_account_and_of_no_other(make_user, user):
    mine = [start_session(user, method=by("company", "4711")) for _ in range(2)]
    theirs = start_session(make_user("bob"), method=by("company", "4711"))
    for session in (*mine, theirs):
        record_provider(session, "company", "4711", access_token=ACCESS, expires_at=EXPIRES)
        record_provider(session, "company", "4712", access_token=ACCESS)
    assert forget_provider(user, "company", "4711") == 2
    assert forget_provider(user.pk, "company", "4711") == 0
    kept = AuthenticationMethod.objects.exclude(provider_access_token="")
    assert set(kept.values_list("session__user__username", "provider_uid")) == {
        ("ada", "4712"),
        ("bob", "4711"),
        ("bob", "4712"),
    }
    assert not AuthenticationMethod.objects.filter(
        session__in=mine, provider_access_token_expires_at__isnull=False
    ).exists()
