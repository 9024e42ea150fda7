"""`sessions_hub.auth`: the user comes with the verdict, and is what Django alone would give."""

from __future__ import annotations

import pytest
from django.contrib.auth import backends, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import connections, models, transaction

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.joined import fetch_with_user
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import EndReason, Session
from tests.lifecycle.stores import cookie_of, store
from tests.lifecycle.test_query_counts import Statements, without_the_hub

from .joined_site import DJANGO, HERE, OURS, OURS_ALLOW_ALL, anew, seen, signed_in_by
from .joined_site import fast as fast
from .joined_site import nothing_kept as nothing_kept
from .joined_site import site as site

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestQueries:
    def test_reading_the_user_costs_what_plain_django_costs(self, fast, settings):
        with Statements() as with_hub:
            assert fast.get("/look/").content == b"ada"
        without_the_hub(settings)
        plain = anew(fast)
        with Statements() as without:
            assert plain.get("/look/").content == b"ada"
        assert len(with_hub.all) == len(without.all) == 2
        assert with_hub.writes == []

    def test_async_as_well(self, fast):
        browser = anew(fast, "async")
        browser.get("/alook/")
        with Statements() as ran:
            assert browser.get("/alook/").content == b"ada"
        assert len(ran.all) == 2

    def test_a_sync_view_under_asgi_as_well(self, fast):
        browser = anew(fast, "async")
        with Statements() as ran:
            assert browser.get("/look/").content == b"ada"
        assert len(ran.all) == 2

    def test_a_view_that_reads_nothing_costs_no_more_and_varies_by_nothing(self, fast):
        with Statements() as ran:
            response = fast.get("/public/")
        assert len(ran.all) == 2
        assert "Vary" not in response

    def test_sessions_begun_with_djangos_backend_go_on_as_before(self, user):
        browser = signed_in_by(DJANGO)
        with Statements() as ran:
            assert browser.get("/look/").content == b"ada"
        assert len(ran.all) == 3
        assert not any("JOIN" in sql for sql in ran.all)

    def test_a_sign_in_with_a_password_goes_through_ours(self, browser, user):
        browser.post("/accounts/login/", {"username": "ada", "password": "right-password"})
        assert store(cookie_of(browser))["_auth_user_backend"] == OURS
        assert Session.objects.get().authentication_methods.get().method == "password"


class TestTheUser:
    @staticmethod
    def state(user) -> dict:
        values = dict(vars(user))
        values["_state"] = dict(vars(values["_state"]))
        return values

    def test_is_what_django_alone_gives(self, fast, user):
        fast.get("/look/")
        ours = seen.user._wrapped
        djangos = backends.ModelBackend().get_user(user.pk)
        assert type(ours) is type(djangos)
        assert self.state(ours) == self.state(djangos)
        assert list(vars(ours)) == list(vars(djangos))

    def test_is_made_by_from_db_and_tells_the_signals(self, fast, monkeypatch):
        made, said = [], []
        model = get_user_model()
        original = model.from_db.__func__

        def from_db(cls, *args, **kwargs):
            made.append(args[:2])
            return original(cls, *args, **kwargs)

        def listen(sender, instance, **kwargs):
            said.append(instance.pk)

        monkeypatch.setattr(model, "from_db", classmethod(from_db))
        models.signals.post_init.connect(listen, sender=model)
        try:
            fast.get("/look/")
        finally:
            models.signals.post_init.disconnect(listen, sender=model)
        names = [field.attname for field in model._meta.concrete_fields]
        assert made == [(database(), names)]
        assert said == [seen.user.pk]

    def test_is_asked_whether_it_may_authenticate(self, fast, user):
        type(user)._base_manager.update(is_active=False)
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)

    def test_may_be_inactive_where_the_backend_lets_it(self, user, settings):
        settings.AUTHENTICATION_BACKENDS = [OURS_ALLOW_ALL]
        browser = signed_in_by(OURS_ALLOW_ALL)
        type(user)._base_manager.update(is_active=False)
        with Statements() as ran:
            assert browser.get("/look/").content == b"ada"
        assert len(ran.all) == 2

    def test_of_a_changed_password_is_signed_out(self, fast, user):
        user.set_password("another")
        user.save()
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)
        assert Session.objects.get().end_reason == EndReason.CREDENTIALS_CHANGED

    def test_survives_a_rotated_secret_key(self, fast, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        before = cookie_of(fast)
        assert fast.get("/look/").content == b"ada"
        assert cookie_of(fast) != before
        settings.SECRET_KEY_FALLBACKS = []
        assert fast.get("/look/").content == b"ada"

    def test_of_an_ended_session_is_nobody(self, fast):
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)
        assert state_of(seen.request).user is None

    def test_of_a_backend_no_longer_listed_is_nobody(self, fast, settings):
        settings.AUTHENTICATION_BACKENDS = [DJANGO]
        with Statements() as ran:
            fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)
        assert not any("JOIN" in sql for sql in ran.all)

    def test_that_was_deleted_is_nobody(self, fast, user):
        Session.objects.update(user=None)
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)

    def test_without_a_row_is_none_and_no_ghost(self, fast, user):
        session, alias = Session.objects.get(), database()
        connection = connections[alias]
        with transaction.atomic(using=alias), connection.constraint_checks_disabled():
            rows = type(user)._base_manager.using(alias).filter(pk=user.pk)
            rows._raw_delete(alias)
            verdict, found = fetch_with_user(session.pk, alias)
            transaction.set_rollback(True, using=alias)
        assert verdict.user_id == user.pk
        assert found is None

    def test_is_judged_by_a_backend_on_top(self, user, settings):
        settings.AUTHENTICATION_BACKENDS = [f"{HERE}.OnTop"]
        browser = signed_in_by(f"{HERE}.OnTop")
        with Statements() as ran:
            browser.get("/look/")
        assert len(ran.all) == 2
        assert seen.user.seen_by == "OnTop"

    def test_of_a_backend_with_a_way_of_its_own_is_read_that_way(self, user, settings):
        settings.AUTHENTICATION_BACKENDS = [f"{HERE}.MixedByCache"]
        browser = signed_in_by(f"{HERE}.MixedByCache")
        with Statements() as ran:
            browser.get("/look/")
        assert seen.user.from_cache
        assert len(ran.all) == 3
        assert not any("JOIN" in sql for sql in ran.all)

    def test_is_lent_to_backends_of_a_sites_own(self, user, settings):
        settings.AUTHENTICATION_BACKENDS = [f"{HERE}.Unmixed"]
        browser = signed_in_by(f"{HERE}.Unmixed")
        with Statements() as ran:
            browser.get("/look/")
        assert len(ran.all) == 2

    def test_of_a_session_that_is_only_recorded_is_djangos(self, fast, settings):
        settings.SESSIONS_HUB_ENFORCE = False
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        with Statements() as ran:
            assert fast.get("/look/").content == b"ada"
        assert len(ran.all) == 2


def test_the_stored_backend_is_what_the_test_says(fast):
    assert store(cookie_of(fast))["_auth_user_backend"] == OURS
