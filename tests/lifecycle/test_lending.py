"""The user read along is lent to `request.user` of that request, once, and to nobody else."""

from __future__ import annotations

import pytest
from django.contrib.auth import backends, get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import RequestFactory

from sessions_hub.lifecycle import enforce, lend
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.state import state_of
from tests.contract.browser import Browser
from tests.lifecycle.stores import change_store, cookie_of
from tests.lifecycle.test_query_counts import Statements

from .joined_site import HERE, OURS, anew, seen, signed_in_by
from .joined_site import fast as fast
from .joined_site import nothing_kept as nothing_kept
from .joined_site import site as site

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestLending:
    def test_nobody_else_in_the_request_gets_the_user(self, fast):
        with Statements() as ran:
            fast.get("/look-twice/")
        assert seen.before is not seen.user._wrapped
        assert seen.after is not seen.user._wrapped
        table = connections[database()].ops.quote_name(get_user_model()._meta.db_table)
        assert len([sql for sql in ran.all if table in sql]) == 3

    def test_tasks_and_threads_of_the_request_find_nothing(self, fast):
        browser = anew(fast, "async")
        assert browser.get("/spawn/").content == b"done"
        assert seen.user.get_username() == "ada"
        assert seen.found == [None, None, None]
        assert seen.fresh is not seen.user

    def test_is_over_with_the_request(self, fast):
        fast.get("/stream/")
        assert state_of(seen.request).user is None
        with Statements() as ran:
            assert seen.request.user.get_username() == "ada"
        assert len(ran.all) == 1

    def test_is_over_when_the_view_fails(self, fast, settings, monkeypatch):
        settings.ROOT_URLCONF = "tests.lifecycle.urls"
        states = []

        def watch(request, state):
            states.append((state, state.user))
            lend.lend(request, state)

        monkeypatch.setattr(enforce, "lend", watch)
        assert fast.get("/boom/").status_code == 500
        ((state, user),) = states
        assert user.get_username() == "ada"
        assert state.user is None

    def test_a_session_that_was_flushed_gets_nobody(self, fast):
        fast.get("/change-and-look/")
        assert isinstance(seen.user, AnonymousUser)

    def test_another_session_of_the_same_user_gets_its_own(self, fast):
        seen.other = cookie_of(signed_in_by(OURS))
        with Statements() as ran:
            assert fast.get("/another-session-and-look/").content == b"ada"
        # Both sessions, the verdict, and the user once more.
        assert len(ran.all) == 4

    def test_a_session_made_another_users_gets_no_wrong_user(self, fast, make_user):
        bob = make_user("bob")
        response = fast.get(f"/swap-and-look/?to={bob.pk}")
        # Bob's hash is not the one in the session: signed out, and never ada.
        assert isinstance(seen.user, AnonymousUser)
        assert response.content == b""

    def test_a_request_inside_a_request_gets_its_own(self, user, make_user):
        make_user("bob")
        one, two = signed_in_by(OURS), Browser("sync")
        two.sign_in("bob")
        change_store(two, _auth_user_backend=OURS)
        one.get("/stream/")
        outer = seen.request
        assert two.get("/look/").content == b"bob"
        assert outer.user.get_username() == "ada"

    def test_without_a_request_that_asks_there_is_no_user(self, fast, user):
        assert lend.take_user(user.pk) is None

    def test_another_key_or_another_database_takes_nothing(self, user):
        request = RequestFactory().get("/")
        state = state_of(request)
        for pk, alias in ((object(), database()), (user.pk, "elsewhere")):
            lent = backends.ModelBackend().get_user(user.pk)
            lent._state.db = alias
            state.user = lent
            lend._asking.set(state)
            try:
                assert lend.take_user(pk) is None
                assert state.user is None
            finally:
                lend._asking.set(None)

    def test_a_user_that_was_read_before_is_not_read_again(self, fast, settings):
        position = settings.MIDDLEWARE.index("sessions_hub.middleware.SessionsHubMiddleware")
        middleware = list(settings.MIDDLEWARE)
        middleware.insert(position, f"{HERE}.early_reader")
        settings.MIDDLEWARE = middleware
        browser = anew(fast)
        with Statements() as ran:
            assert browser.get("/look/").content == b"ada"
        assert len(ran.all) == 3
        assert not any("JOIN" in sql for sql in ran.all)

    def test_djangos_own_get_user_asks_the_database(self, fast):
        fast.get("/stream/")
        request = seen.request
        with Statements() as ran:
            assert get_user(request).get_username() == "ada"
        assert len(ran.all) == 1
