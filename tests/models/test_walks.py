"""Conditions for walks say what the other ones say, row by row."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import FieldDoesNotExist

from sessions_hub.models import EndReason, Method, Session, Status
from sessions_hub.models.predicate import proven_by
from sessions_hub.models.walks import of_status, proven
from tests.factories import NOW, make_method, make_session, make_user

pytestmark = pytest.mark.django_db(databases="__all__")

SECOND = timedelta(seconds=1)


@pytest.fixture
def rows():
    """Sessions by end, limits and user, in every mixture."""
    users = [make_user("ada"), make_user("bob", is_active=False), None]
    limits = [NOW - SECOND, NOW, NOW + SECOND]
    reasons = ["", *EndReason.values]
    for user, reason, expires_at, idle in product(users, reasons, limits, limits):
        make_session(user, NOW, reason=reason, expires_at=expires_at, idle_expires_at=idle)


@pytest.mark.parametrize("status", list(Status))
def test_a_status_is_what_the_queryset_calls_so(status, rows):
    by_name = getattr(Session.objects, status)(NOW)
    found = set(Session.objects.filter(of_status(status, NOW)))
    assert found == set(by_name)
    assert {session.status(NOW) for session in found} == {status}


def test_every_session_has_one_status(rows):
    found = [pk for one in Status for pk in Session.objects.filter(of_status(one, NOW))]
    assert len(found) == len(set(found)) == Session.objects.count()


def test_a_site_without_disabled_users_asks_no_column_for_them(monkeypatch):
    """Whoever is there is active then."""
    known = make_session(make_user("ada"), NOW)
    nobody = make_session(None, NOW)

    def lacking(name):
        raise FieldDoesNotExist(name)

    with monkeypatch.context() as patch:
        patch.setattr("sessions_hub.models.walks.get_user_model", lambda: _Without(lacking))
        condition, gone = of_status(Status.ACTIVE, NOW), of_status(Status.REVOKED, NOW)
    assert "is_active" not in str(condition)
    assert list(Session.objects.filter(condition)) == [known]
    assert list(Session.objects.filter(gone)) == [nobody]


class _Without:
    def __init__(self, lacking) -> None:
        self._meta = type("Meta", (), {"get_field": staticmethod(lacking)})


def test_proven_is_by_a_proof_of_that_kind_that_stands():
    ada = make_user("ada")
    stands, other, taken_back, both = (make_session(ada) for _ in range(4))
    make_session(ada)
    make_method(stands, "totp")
    make_method(other, "sms")
    make_method(taken_back, "totp", revoked_at=NOW)
    make_method(both, "totp", revoked_at=NOW)
    make_method(both, "totp")
    make_method(both, "totp")
    assert set(Session.objects.filter(proven(Method.TOTP))) == {stands, both}
    for method in Method:
        by_join = Session.objects.filter(proven_by(method))
        assert set(Session.objects.filter(proven(method))) == set(by_join)
