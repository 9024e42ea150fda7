"""`sessions_hub.auth`: the user comes with the verdict, and is what Django alone would give."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import backends, get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.db import connections, models
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import isolate_apps
from django.urls import path

from sessions_hub import auth
from sessions_hub.lifecycle import end_session, enforce, joined, lend
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import change_store, cookie_of, store
from tests.lifecycle.test_query_counts import Statements, without_the_hub
from tests.urls import urlpatterns as common

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

OURS = "sessions_hub.auth.ModelBackend"
OURS_ALLOW_ALL = "sessions_hub.auth.AllowAllUsersModelBackend"
DJANGO = "django.contrib.auth.backends.ModelBackend"
HERE = "tests.lifecycle.test_joined_user"

seen = SimpleNamespace()


def look(request):
    """Keeps the user for the test to look at."""
    seen.request, seen.user = request, request.user
    return HttpResponse(request.user.get_username())


async def alook(request):
    seen.request, seen.user = request, await request.auser()
    return HttpResponse(seen.user.get_username())


def look_twice(request):
    """What others in the request find, before and after `request.user` is worked out."""
    backend = auth.ModelBackend()
    pk = Session.objects.get().user_id
    seen.before = backend.get_user(pk)
    first = request.user.pk
    seen.after = backend.get_user(pk)
    seen.user = request.user
    return HttpResponse(first)


async def spawn(request):
    """A task and a thread started in the request, before the user is worked out."""
    backend = auth.ModelBackend()
    row = await Session.objects.aget()
    seen.release = asyncio.Event()

    async def later():
        await seen.release.wait()
        return lend.take_user(row.user_id)

    in_thread = []
    thread = threading.Thread(target=lambda: in_thread.append(lend.take_user(row.user_id)))
    thread.start()
    thread.join()
    task = asyncio.create_task(later())
    seen.user = await request.auser()
    seen.release.set()
    seen.found = [await task, *in_thread, lend.take_user(row.user_id)]
    seen.fresh = await backend.aget_user(row.user_id)
    return HttpResponse("done")


def change_and_look(request):
    """As an impersonating view does: the session is another user's by now."""
    request.session.flush()
    seen.user = request.user
    return HttpResponse(request.user.get_username())


def swap_and_look(request):
    request.session["_auth_user_id"] = request.GET["to"]
    seen.user = request.user
    return HttpResponse(request.user.get_username())


def another_session_and_look(request):
    """As a proxy for several sites does: the session is another one of the same user."""
    request.session = store(seen.other)
    seen.user = request.user
    return HttpResponse(request.user.get_username())


def stream(request):
    seen.request = request
    return HttpResponse("not read")


urlpatterns = [
    *common,
    path("look/", look),
    path("alook/", alook),
    path("look-twice/", look_twice),
    path("spawn/", spawn),
    path("change-and-look/", change_and_look),
    path("swap-and-look/", swap_and_look),
    path("another-session-and-look/", another_session_and_look),
    path("stream/", stream),
]


class Unmixed(auth.VerdictUserMixin, backends.ModelBackend):
    """Reads users as Django does."""


class ByCache(backends.ModelBackend):
    """Reads users in a way of its own."""

    def get_user(self, user_id):
        user = super().get_user(user_id)
        if user is not None:
            user.from_cache = True
        return user


class MixedByCache(auth.VerdictUserMixin, ByCache):
    """The mixin in front of it must not hide that way."""


class OnTop(auth.ModelBackend):
    """A site's own, on top of ours."""

    def get_user(self, user_id):
        user = super().get_user(user_id)
        if user is not None:
            user.seen_by = "OnTop"
        return user


@pytest.fixture(autouse=True)
def site(settings, more_views):
    settings.ROOT_URLCONF = HERE
    settings.AUTHENTICATION_BACKENDS = [OURS, DJANGO]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]


@pytest.fixture(autouse=True)
def nothing_kept():
    vars(seen).clear()


def signed_in_by(backend: str, mode: str = "sync") -> Browser:
    """A browser whose sign-in names a backend; what is compiled once is compiled."""
    browser = Browser(mode)
    browser.sign_in("ada")
    if browser.mode == "sync":
        change_store(browser, _auth_user_backend=backend)
        browser.get("/look/")
    return browser


def anew(browser: Browser, mode: str = "sync") -> Browser:
    """A client with the same cookies, whose middleware is built anew."""
    other = Browser(mode)
    other.client.cookies = browser.client.cookies
    return other


@pytest.fixture
def fast(user):
    return signed_in_by(OURS)


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
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)

    def test_that_was_deleted_is_nobody(self, fast, user):
        Session.objects.update(user=None)
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)

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


def early_reader(get_response):
    def middleware(request):
        bool(request.user.is_authenticated)
        return get_response(request)

    return middleware


class TenantQuerySet(models.QuerySet):
    def get(self, *args, **kwargs):
        return super().get(*args, **kwargs)


class TenantManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)


class OwnGetManager(models.Manager):
    def get(self, *args, **kwargs):
        return super().get(*args, **kwargs)


class PlainQuerySet(models.QuerySet):
    def old(self):
        return self.filter(date_joined__year__lt=2020)


class TestWhatCannotBeJoined:
    @pytest.fixture
    def manager(self, monkeypatch):
        """Gives the user model another default manager."""
        model = get_user_model()

        def give(manager) -> None:
            manager.model = model
            manager.name = "objects"
            monkeypatch.setitem(vars(model._meta), "default_manager", manager)
            joined._why_not_compiled.cache_clear()

        yield give
        monkeypatch.undo()
        joined._why_not_compiled.cache_clear()

    @pytest.mark.parametrize(
        "make",
        [
            TenantManager,
            OwnGetManager,
            lambda: models.Manager.from_queryset(TenantQuerySet)(),
        ],
        ids=["get_queryset", "get", "queryset"],
    )
    def test_managers_that_select_in_a_way_of_their_own(self, fast, manager, make):
        manager(make())
        assert "default manager" in joined.why_not_joined(database())
        with Statements() as ran:
            assert fast.get("/look/").content == b"ada"
        assert len(ran.all) == 3
        assert "sessions_hub.W130" in {message.id for message in run_checks()}

    def test_a_manager_filter_is_kept(self, fast, manager, user):
        manager(TenantManager())
        type(user)._base_manager.update(is_active=False)
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)

    def test_a_manager_with_more_verbs_is_no_hindrance(self, fast, manager):
        manager(models.Manager.from_queryset(PlainQuerySet)())
        assert joined.why_not_joined(database()) == ""
        with Statements() as ran:
            assert fast.get("/look/").content == b"ada"
        assert len(ran.all) == 2

    def test_users_that_are_read_from_another_database(self, fast, settings):
        settings.DATABASE_ROUTERS = [ReplicaRouter()]
        assert "'replica'" in joined.why_not_joined(database())
        assert joined.why_not_joined("replica") == ""

    @isolate_apps("tests.users")
    def test_users_of_another_model_than_the_tables_were_made_for(self):
        class Stranger(models.Model):
            class Meta:
                app_label = "users"

        assert "not the model" in joined._why_not_compiled(Stranger)


class ReplicaRouter:
    """Users are read from a replica."""

    def db_for_read(self, model, **hints):
        return "replica" if model is get_user_model() else None


class TestChecks:
    @staticmethod
    def ids() -> set[str]:
        return {m.id.removeprefix("sessions_hub.") for m in run_checks() if "_hub.W13" in m.id}

    def test_ours_before_djangos_is_silent(self):
        assert self.ids() == set()

    def test_ours_behind_djangos_gets_no_sign_in(self, settings):
        settings.AUTHENTICATION_BACKENDS = [DJANGO, OURS]
        assert self.ids() == {"W132"}

    def test_a_mixin_that_cannot_work_is_named(self, settings):
        settings.AUTHENTICATION_BACKENDS = [f"{HERE}.MixedByCache"]
        assert self.ids() == {"W131"}

    def test_a_site_without_ours_is_not_bothered(self, settings):
        settings.AUTHENTICATION_BACKENDS = [DJANGO]
        settings.DATABASE_ROUTERS = [ReplicaRouter()]
        assert self.ids() == set()

    def test_users_on_another_database_are_named(self, settings):
        settings.DATABASE_ROUTERS = [ReplicaRouter()]
        assert self.ids() == {"W130"}


def test_the_stored_backend_is_what_the_test_says(fast):
    assert django_settings.AUTHENTICATION_BACKENDS[0] == OURS
    assert store(cookie_of(fast))["_auth_user_backend"] == OURS
