"""What a sign-in does to its user's other sessions, and forgetting a device."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle import TooManySessions, end_session, forget_device, start_session
from sessions_hub.models import Device, EndReason, Session, SessionType
from tests.contract.browser import Browser

from .test_query_counts import Statements

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

APART = ["impersonation", "api_key", "oauth_client", "oauth_session", "service_account"]


def browsers(count: int) -> list[Browser]:
    """So many browsers, signed in one after the other."""
    all_of_them = [Browser("sync") for _ in range(count)]
    for one in all_of_them:
        assert one.sign_in("ada").status_code == 200
    return all_of_them


def who(some: list[Browser]) -> list[str | None]:
    return [one.whoami() for one in some]


class TestEndOldest:
    @pytest.fixture(autouse=True)
    def limit(self, settings) -> None:
        settings.SESSIONS_HUB_MAX_SESSIONS = 2

    def test_of_three_sign_ins_the_first_ends(self, user, heard):
        some = browsers(3)
        assert who(some) == [None, "ada", "ada"]
        ended = Session.objects.ended().get()
        assert (ended.end_reason, ended.ended_by) == (EndReason.LIMIT, user)
        assert [one["session"].pk for one in heard["session_ended"]] == [ended.pk]

    def test_another_users_do_not_count(self, user, make_user):
        make_user("bob")
        some = browsers(2)
        Browser("sync").sign_in("bob")
        assert who(some) == ["ada", "ada"]

    def test_ended_and_expired_ones_do_not_count(self, user):
        some = browsers(2)
        end_session(Session.objects.first(), reason=EndReason.COMPROMISED)
        past = timezone.now() - timedelta(seconds=1)
        Session.objects.filter(ended_at=None).update(expires_at=past, idle_expires_at=past)
        some = browsers(2)
        assert who(some) == ["ada", "ada"]
        assert not Session.objects.filter(end_reason=EndReason.LIMIT).exists()

    @pytest.mark.parametrize("kind", APART)
    def test_programs_and_impersonations_neither_count_nor_end(self, user, kind):
        apart = [start_session(user, session_type=kind) for _ in range(3)]
        some = browsers(2)
        start_session(user, session_type=kind)
        assert who(some) == ["ada", "ada"]
        some += browsers(1)
        assert who(some) == [None, "ada", "ada"]
        assert not Session.objects.filter(pk__in=[one.pk for one in apart]).ended().exists()

    @pytest.mark.parametrize("kind", sorted(set(SessionType.values) - set(APART)))
    def test_every_other_type_counts(self, user, kind):
        for _ in range(3):
            start_session(user, session_type=kind)
        assert Session.objects.ended().count() == 1

    def test_signing_in_again_in_the_same_browser_ends_none(self, user):
        some = browsers(2)
        some[1].sign_in("ada")
        assert who(some) == ["ada", "ada"]

    def test_a_lower_limit_holds_from_the_next_sign_in_on(self, user, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS = 5
        some = browsers(5)
        settings.SESSIONS_HUB_MAX_SESSIONS = 2
        assert who(some) == ["ada"] * 5
        some += browsers(1)
        assert who(some) == [None, None, None, None, "ada", "ada"]

    @pytest.mark.parametrize("atomic_requests", [False, True])
    def test_costs_two_statements_and_one_that_ends(self, user, settings, request, atomic_requests):
        if atomic_requests:
            request.getfixturevalue("atomic_requests")
        browsers(1)
        costs = []
        for limit in (None, 4, 3):
            settings.SESSIONS_HUB_MAX_SESSIONS = limit
            with Statements() as ran:
                browsers(1)
            costs.append(len(ran.rows))
        assert Session.objects.ended().count() == 1
        assert costs[1] - costs[0] <= 2
        # The end, and once it is committed a look for impersonations it takes along.
        assert costs[2] - costs[1] == 1 + 2


class TestRefuse:
    @pytest.fixture(autouse=True)
    def limit(self, settings) -> None:
        settings.SESSIONS_HUB_MAX_SESSIONS = 2
        settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_a_sign_in_too_many_is_answered_409(self, user, mode):
        some = browsers(2)
        late = Browser(mode)
        answer = late.sign_in("ada")
        assert answer.status_code == 409
        assert answer.headers["Cache-Control"] == "no-store"
        assert "as often as is allowed" in answer.content.decode()
        assert late.whoami() is None
        assert who(some) == ["ada", "ada"]
        assert Session.objects.count() == 2
        assert Device.objects.count() == 2

    def test_makes_room_when_one_signs_out(self, user):
        first, _ = browsers(2)
        first.sign_out()
        browsers(1)

    @pytest.mark.parametrize("is_atomic", [False, True])
    def test_the_visitor_keeps_the_cart(self, user, request, is_atomic):
        if is_atomic:
            request.getfixturevalue("atomic_requests")
        browsers(2)
        late = Browser("sync")
        late.get("/cart/")
        assert late.sign_in("ada").status_code == 409
        assert late.get("/read-session/").json() == {"cart": [1]}

    @pytest.mark.parametrize("is_atomic", [False, True])
    def test_another_users_session_in_that_browser_is_gone_as_django_has_it(
        self, user, make_user, request, is_atomic
    ):
        if is_atomic:
            request.getfixturevalue("atomic_requests")
        make_user("bob")
        browsers(2)
        late = Browser("sync")
        late.sign_in("bob")
        assert late.sign_in("ada").status_code == 409
        assert late.whoami() is None
        (bobs,) = Session.objects.filter(user__username="bob")
        assert bobs.end_reason == EndReason.REPLACED

    def test_a_view_may_explain_itself(self, user):
        browsers(2)
        late = Browser("sync")
        answer = late.get("/sign-in-and-catch/?user=ada")
        assert (answer.status_code, answer.content) == (403, b"choose a session to end")
        assert late.whoami() is None
        assert Session.objects.count() == 2

    def test_inside_another_middleware_it_is_409_too(self, user, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.middleware.HeaderLoginMiddleware"]
        browsers(2)
        late = Browser("sync")
        assert late.get("/whoami/", x_sign_in="ada").status_code == 409

    def test_holds_where_faults_are_let_stand(self, user, settings):
        settings.SESSIONS_HUB_RECORD_FAILURE = "allow"
        browsers(2)
        late = Browser("sync")
        assert late.sign_in("ada").status_code == 409
        assert late.whoami() is None

    def test_holds_without_the_middleware(self, user):
        browsers(2)
        client = Client()
        with pytest.raises(TooManySessions):
            client.force_login(user)
        with pytest.raises(TooManySessions):
            start_session(user)
        assert client.get("/whoami/").json()["user"] is None
        assert Session.objects.count() == 2

    @pytest.mark.parametrize("kind", APART)
    def test_programs_and_impersonations_start_all_the_same(self, user, kind):
        browsers(2)
        start_session(user, session_type=kind)

    def test_the_form_of_a_rest_view(self, user):
        browsers(2)
        assert Browser("sync").get("/rest-sign-in/?user=ada").status_code == 409


class TestOnePerDevice:
    @pytest.fixture(autouse=True)
    def one(self, settings) -> None:
        settings.SESSIONS_HUB_ONE_SESSION_PER_DEVICE = True

    def sign_in_anew(self, browser: Browser) -> None:
        """As when the session cookie is lost and the device's is not."""
        del browser.cookies["sessionid"]
        browser.sign_in("ada")

    def test_a_sign_in_ends_the_older_ones_there(self, user):
        here, elsewhere = browsers(2)
        old = here.session_id()
        self.sign_in_anew(here)
        assert who([here, elsewhere]) == ["ada", "ada"]
        ended = Session.objects.ended().get()
        assert str(ended.pk) == old
        assert (ended.end_reason, ended.ended_by) == (EndReason.REPLACED, user)

    def test_another_users_stay(self, user, make_user):
        make_user("bob")
        here = browsers(1)[0]
        del here.cookies["sessionid"]
        here.sign_in("bob")
        assert not Session.objects.ended().exists()

    @pytest.mark.parametrize("kind", APART)
    def test_programs_and_impersonations_stay(self, user, kind):
        here = browsers(1)[0]
        Session.objects.update(session_type=kind)
        self.sign_in_anew(here)
        assert not Session.objects.ended().exists()

    def test_makes_room_under_a_limit(self, user, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS = 2
        settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
        here, elsewhere = browsers(2)
        self.sign_in_anew(here)
        assert who([here, elsewhere]) == ["ada", "ada"]

    def test_off_it_ends_none(self, user, settings):
        settings.SESSIONS_HUB_ONE_SESSION_PER_DEVICE = False
        here = browsers(1)[0]
        self.sign_in_anew(here)
        assert not Session.objects.ended().exists()


class TestEndOthers:
    @pytest.fixture(autouse=True)
    def end_others(self, settings) -> None:
        settings.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN = True

    def test_only_the_latest_sign_in_stays(self, user, make_user, heard):
        make_user("bob")
        Browser("sync").sign_in("bob")
        some = browsers(3)
        assert who(some) == [None, None, "ada"]
        ended = Session.objects.ended()
        assert {(one.end_reason, one.ended_by) for one in ended} == {
            (EndReason.REVOKED_BY_POLICY, user)
        }
        assert len(heard["session_ended"]) == 2

    @pytest.mark.parametrize("kind", APART)
    def test_programs_and_impersonations_stay(self, user, kind):
        start_session(user, session_type=kind)
        some = browsers(1)
        start_session(user, session_type=kind)
        assert who(some) == ["ada"]
        assert not Session.objects.ended().exists()

    def test_proving_a_session_again_ends_none(self, user, settings):
        settings.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN = False
        some = browsers(2)
        settings.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN = True
        some[0].sign_in("ada")
        assert who(some) == ["ada", "ada"]


class TestForgetDevice:
    def test_ends_its_sessions_and_knows_it_no_more(self, user, heard):
        here, elsewhere = browsers(2)
        device = Device.objects.order_by("pk")[0]
        Device.objects.update(trusted_at=timezone.now())
        now = timezone.now()
        assert forget_device(device, by=user, now=now) == 1
        assert who([here, elsewhere]) == [None, "ada"]
        device.refresh_from_db()
        assert (device.forgotten_at, device.key_digest, device.trusted_at) == (now, None, None)
        ended = Session.objects.ended().get()
        assert (ended.end_reason, ended.ended_by) == (EndReason.DEVICE_FORGOTTEN, user)
        assert [one["session"].pk for one in heard["session_ended"]] == [ended.pk]
        # Its cookie names nobody: the next sign-in is that of a new device.
        here.sign_in("ada")
        assert Device.objects.count() == 3
        assert here.whoami() == "ada"

    def test_a_second_time_keeps_the_first(self, user):
        browsers(1)
        device = Device.objects.get()
        first = timezone.now()
        forget_device(device.pk, by=user, now=first)
        assert forget_device(device, by=user) == 0
        device.refresh_from_db()
        assert device.forgotten_at == first

    def test_that_is_not_there_ends_nothing(self, user):
        browsers(1)
        assert forget_device(Session.objects.get().pk, by=user) == 0
        assert get_user_model().objects.count() == 1
        assert not Session.objects.ended().exists()
