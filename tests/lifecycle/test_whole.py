"""One SELECT gives what the ORM gives in three, and of nobody else's session."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model

from sessions_hub.lifecycle.whole import fetch_whole
from sessions_hub.models import Session, SessionDevice
from sessions_hub.understanding import geoip
from tests.factories import (
    NOW,
    make_device,
    make_method,
    make_session,
    make_session_device,
    make_user,
)
from tests.full_session import build_world, write_places

from .test_query_counts import Statements

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def world(settings, tmp_path):
    """Sessions that together fill every column."""
    write_places(tmp_path)
    settings.SESSIONS_HUB_GEOIP_PATH = str(tmp_path)
    geoip._file.cache_clear()
    yield build_world()
    geoip._file.cache_clear()


@pytest.fixture
def bare():
    """A session that was never seen anywhere, of which nothing is known to be proven."""
    return make_session(make_user("bare"))


def by_the_orm(pk) -> Session:
    rows = Session.objects.select_related("user", "impersonator")
    return rows.prefetch_related("authentication_methods", "session_devices__device").get(pk=pk)


def columns(instance) -> dict | None:
    if instance is None:
        return None
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.fields}


def everything(session: Session) -> dict:
    return {
        "session": columns(session),
        "user": columns(session.user),
        "impersonator": columns(session.impersonator),
        "proofs": {proof.pk: columns(proof) for proof in session.authentication_methods.all()},
        "places": {
            place.pk: (columns(place), columns(place.device))
            for place in session.session_devices.all()
        },
    }


def types_of(value: object) -> object:
    if isinstance(value, dict):
        return {key: types_of(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(types_of(one) for one in value)
    return type(value)


@pytest.mark.parametrize("which", ["open", "ended", "impersonation"])
def test_is_what_the_orm_reads_of_every_column(world, which, alias):
    session = getattr(world, which)
    mine = everything(fetch_whole(session.pk, session.user_id, alias))
    theirs = everything(by_the_orm(session.pk))
    assert mine == theirs
    # 2 and Decimal(2) are equal, and not the same in JSON.
    assert types_of(mine) == types_of(theirs)


def test_the_world_has_all_kinds_of_rows(world, alias):
    whole = fetch_whole(world.open.pk, world.open.user_id, alias)
    assert len(whole.authentication_methods.all()) == 3
    assert [place.device.user_id for place in whole.session_devices.all()] == [whole.user_id]
    acted = fetch_whole(world.impersonation.pk, world.impersonation.user_id, alias)
    assert acted.impersonator.get_username() == "grace"


def test_many_proofs_and_places_are_each_there_once(bare, alias):
    device = make_device(bare.user)
    proofs = {make_method(bare, now=NOW + timedelta(minutes=i)).pk for i in range(4)}
    places = {make_session_device(bare, device).pk for _ in range(3)}
    places.add(make_session_device(bare, None).pk)
    whole = fetch_whole(bare.pk, bare.user_id, alias)
    assert sorted(proof.pk for proof in whole.authentication_methods.all()) == sorted(proofs)
    assert sorted(place.pk for place in whole.session_devices.all()) == sorted(places)
    assert everything(whole) == everything(by_the_orm(bare.pk))


def test_a_session_with_nothing_to_it_is_found_all_the_same(bare, alias):
    make_method(make_session(bare.user))
    whole = fetch_whole(bare.pk, bare.user_id, alias)
    assert everything(whole) == everything(by_the_orm(bare.pk))


def test_is_one_statement_and_what_was_loaded_costs_no_other(world, alias):
    fetch_whole(world.open.pk, world.open.user_id, alias)
    with Statements() as ran:
        whole = fetch_whole(world.open.pk, world.open.user_id, alias)
        everything(whole)
        assert {proof.session for proof in whole.authentication_methods.all()} == {whole}
    assert len(ran.rows) == 1


def test_without_places_they_are_read_when_asked_for(world, alias):
    whole = fetch_whole(world.open.pk, world.open.user_id, alias, with_places=False)
    with Statements() as ran:
        assert len(whole.authentication_methods.all()) == 3
    assert ran.rows == []
    with Statements() as ran:
        assert len(whole.session_devices.all()) == 1
    assert len(ran.rows) == 1


def test_a_loaded_relation_can_be_narrowed_as_any_other(world, alias):
    make_session_device(make_session(world.open.user), None)
    whole = fetch_whole(world.open.pk, world.open.user_id, alias)
    assert whole.authentication_methods.filter(method="totp").count() == 1
    assert whole.session_devices.filter(pk__isnull=False).count() == 1
    assert SessionDevice.objects.count() == 2


class TestNobodyElses:
    def test_session_is_found(self, world, alias):
        staff = get_user_model()._default_manager.get(username="grace")
        assert fetch_whole(world.open.pk, staff.pk, alias) is None
        assert fetch_whole(world.open.pk, world.open.user_id, alias) is not None

    def test_session_there_is_not(self, world, alias):
        assert fetch_whole(uuid4(), world.open.user_id, alias) is None

    def test_session_that_lost_its_user(self, bare, alias):
        user_id = bare.user_id
        Session.objects.filter(pk=bare.pk).update(user=None)
        assert fetch_whole(bare.pk, user_id, alias) is None
