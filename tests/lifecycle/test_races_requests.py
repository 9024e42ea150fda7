"""What happens to a session while one of its requests is being served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connections

from sessions_hub.lifecycle import end_session, end_sessions
from sessions_hub.models import Device, EndReason, Session, SessionDevice
from tests.contract.browser import Browser

from . import views
from .stores import cookie_of, with_cookie
from .test_races import long_unused, twin_of
from .threads import at_once

pytestmark = [
    pytest.mark.locks,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.fixture
def in_flight(monkeypatch) -> Iterator[Callable[..., Future[Any]]]:
    """Send a request and return once its view runs; `views.slow.go_on` lets it end."""
    pool = ThreadPoolExecutor(4)

    def send(browser: Browser, path: str) -> Any:
        try:
            return browser.get(path)
        finally:
            connections.close_all()

    def begin(browser: Browser, path: str = "/slow/") -> Future[Any]:
        views.slow.began.clear()
        views.slow.go_on.clear()
        answer = pool.submit(send, browser, path)
        assert views.slow.began.wait(timeout=30)
        return answer

    yield begin
    views.slow.go_on.set()
    pool.shutdown()


ENDS = {
    "revoked": lambda row, browser: end_session(row, reason=EndReason.REVOKED_BY_STAFF),
    "revoked with all others": lambda row, browser: end_sessions(
        Session.objects.for_user(row.user), reason=EndReason.REVOKED_BY_STAFF
    ),
    "signed out": lambda row, browser: twin_of(browser).sign_out(),
    "signed out over the API": lambda row, browser: twin_of(browser)._send(
        "delete", f"/api/sessions/{row.pk}/", {}
    ),
}


class TestLongRequest:
    """Security reference §3.3, cases 3 and 4."""

    @pytest.mark.parametrize("path", ["/slow/", "/slow/?save"])
    @pytest.mark.parametrize("way", ENDS)
    def test_may_finish_after_an_end_and_brings_nothing_back(
        self, in_flight, user, way, path, race_rounds
    ):
        for _ in range(max(1, race_rounds // 5)):
            browser = Browser("sync")
            browser.sign_in("ada")
            row = Session.objects.get(pk=browser.session_id())
            cookie = cookie_of(browser)
            long_unused()
            unused_since = Session.objects.get(pk=row.pk).last_used_at
            answer = in_flight(browser, path)
            ENDS[way](row, browser)
            ended = Session.objects.filter(pk=row.pk).values().get()
            assert ended["ended_at"] is not None
            views.slow.go_on.set()
            response = answer.result(timeout=30)
            if response.status_code == 200:
                assert response.text == "ada"
            else:
                # Django's own, where the session it wants to save is gone.
                assert ("save" in path, response.status_code) == (True, 400)
            assert Session.objects.filter(pk=row.pk).values().get() == ended
            assert ended["last_used_at"] == unused_since
            assert browser.whoami() is None
            assert with_cookie(cookie).whoami() is None

    def test_of_a_user_who_is_deleted_leaves_nothing(self, in_flight, make_user):
        leaving = make_user("leaving")
        browser = Browser("sync")
        browser.sign_in("leaving")
        long_unused()
        answer = in_flight(browser, "/slow/?save")
        leaving.delete()
        views.slow.go_on.set()
        assert answer.result(timeout=30).status_code in (200, 400)
        assert [model.objects.count() for model in (Session, Device, SessionDevice)] == [0, 0, 0]
        assert browser.whoami() is None

    def test_from_elsewhere_of_a_pruned_session_makes_no_orphan(self, in_flight, user):
        browser = Browser("sync")
        browser.sign_in("ada")
        browser.headers["user-agent"] = "Another/1.0"
        answer = in_flight(browser)
        SessionDevice.objects.all().delete()
        rows = Session.objects.all()
        for child in ("authentication_methods", "tokens"):
            for row in rows:
                getattr(row, child).all().delete()
        rows._raw_delete(rows.db)
        views.slow.go_on.set()
        assert answer.result(timeout=30).status_code == 200
        assert SessionDevice.objects.count() == Session.objects.count() == 0
        assert browser.whoami() is None


class TestExtending:
    def test_a_sign_out_beats_requests_that_extend(self, user, race_rounds):
        for _ in range(race_rounds):
            browser = Browser("sync")
            browser.sign_in("ada")
            pk, cookie = browser.session_id(), cookie_of(browser)
            long_unused()
            twins = [twin_of(browser) for _ in range(3)]
            out, *answers = at_once(
                browser.sign_out,
                *[partial(twin.get, "/save/?expiry=3600") for twin in twins],
            )
            assert out.status_code in (200, 400)
            assert {answer.status_code for answer in answers} <= {200, 400}
            row = Session.objects.get(pk=pk)
            assert row.end_reason == EndReason.SIGNED_OUT
            for one in (browser, *twins, with_cookie(cookie)):
                assert one.whoami() is None
            row.refresh_from_db()
            assert row.end_reason == EndReason.SIGNED_OUT


class TestUserIsDeleted:
    """Security reference §3.3, case 16."""

    def test_while_signing_in_nobody_else_notices_and_nothing_is_left(self, make_user, race_rounds):
        make_user("staying")
        for number in range(race_rounds):
            name = f"leaving{number}"
            leaving = make_user(name)
            pk = leaving.pk
            gone, stays = Browser("sync"), Browser("sync")
            answer, other, deleted = at_once(
                partial(gone.sign_in, name), partial(stays.sign_in, "staying"), leaving.delete
            )
            assert other.status_code == 200
            assert stays.whoami() == "staying"
            # The view asks for the user first, and Django writes the last login to it.
            assert answer.status_code in (200, 400, 500, 503)
            # The row of a sign-in that was quicker keeps its user, as any reference does.
            users = get_user_model()._base_manager
            is_there = users.filter(pk=pk).exists()
            assert isinstance(deleted, IntegrityError if is_there else tuple), deleted
            for model in (Session, Device):
                assert not model.objects.exclude(user__in=users.all()).exists()
                assert is_there or not model.objects.filter(user=pk).exists()
            if not is_there:
                assert gone.get("/public/").status_code == 200
