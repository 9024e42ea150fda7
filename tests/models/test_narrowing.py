"""Whose sessions, and all but which."""

from __future__ import annotations

import pytest

from sessions_hub.models import Session
from tests.factories import make_session, make_sessions, make_user

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def ada():
    return make_user("ada")


class TestForUser:
    def test_takes_an_instance_or_its_key(self, ada):
        mine = make_session(ada)
        make_session(make_user("bob"))
        assert list(Session.objects.for_user(ada)) == [mine]
        assert list(Session.objects.for_user(ada.pk)) == [mine]
        assert list(Session.objects.for_user(str(ada.pk))) == [mine]

    def test_anonymized_sessions_are_nobodys(self, ada):
        make_session(None, reason="user_disabled")
        assert not Session.objects.for_user(ada).exists()

    def test_narrows_what_is_narrowed_already(self, ada):
        make_session(ada, reason="signed_out")
        open_ = make_session(ada)
        assert list(Session.objects.filter(ended_at=None).for_user(ada)) == [open_]


class TestForTenant:
    @pytest.mark.parametrize("other", ["ACME", "acme ", "äcme", ""])
    def test_others_that_are_written_alike_are_others(self, ada, other):
        mine = make_session(ada, tenant_id="acme", workspace_id="berlin")
        make_session(ada, tenant_id=other)
        make_session(ada, tenant_id="acme", workspace_id="Berlin")
        assert Session.objects.for_tenant("acme").count() == 2
        assert list(Session.objects.for_tenant("acme", "berlin")) == [mine]


class TestExceptFor:
    def test_leaves_out_an_instance_or_its_id(self, ada):
        first, second, third = make_sessions(3, ada)
        assert set(Session.objects.except_for(second)) == {first, third}
        assert set(Session.objects.except_for(second.pk)) == {first, third}

    def test_none_leaves_out_nothing(self, ada):
        make_sessions(3, ada)
        assert Session.objects.except_for(None).count() == 3

    def test_a_session_that_is_not_among_them_changes_nothing(self, ada):
        other = make_session(make_user("bob"))
        make_sessions(2, ada)
        assert Session.objects.for_user(ada).except_for(other).count() == 2
