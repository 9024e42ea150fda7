"""The pages of impersonation: who sees them, where they lead, what they write."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from sessions_hub.models import Session
from tests.contract.browser import CHROME
from tests.lifecycle.impersonating import REASON, make_staff, the_impersonation

from .conftest import fields

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.account.banner_site"),
]

HOSTILE = "<script>alert(1)</script>\"'&"


def make_user(name="ada", **values):
    return get_user_model()._default_manager.create_user(
        username=name, password="right-password", **values
    )


@pytest.fixture
def user(db):
    return make_user()


@pytest.fixture
def staff(db):
    return make_staff()


def sign_in(name, **options):
    client = Client(headers={"user-agent": CHROME}, **options)
    client.get("/sign-in/", {"user": name})
    return client


@pytest.fixture
def grace(staff, user):
    return sign_in("grace")


def page_of(user):
    return f"/account/impersonate/{user.pk}/"


def who(client):
    return client.get("/whoami/").json()["user"]


class TestStart:
    def test_asks_for_a_reason_and_begins(self, grace, user):
        asked = grace.get(page_of(user))
        assert asked.status_code == 200
        assert 'name="reason"' in asked.content.decode()
        assert 'maxlength="255"' in asked.content.decode()
        assert "no-store" in asked["Cache-Control"]
        response = grace.post(page_of(user), {"reason": REASON})
        assert (response.status_code, response["Location"]) == (302, "/whoami/")
        assert who(grace) == "ada"
        assert the_impersonation().impersonation_reason == REASON

    @pytest.mark.parametrize(
        ("referer", "query", "leads_to"),
        [
            ("http://testserver/admin/users/1/", "", "/admin/users/1/"),
            ("", "?next=/inbox/", "/inbox/"),
            ("http://testserver/admin/users/1/", "?next=/inbox/", "/admin/users/1/"),
            ("http://elsewhere.example/", "?next=/inbox/", "/inbox/"),
            ("http://elsewhere.example/", "", "/whoami/"),
            ("javascript:alert(1)", "?next=//elsewhere.example/", "/whoami/"),
            ("http://testserver{page}", "", "/whoami/"),
            ("", "", "/whoami/"),
        ],
    )
    def test_cancel_leads_back_also_after_a_mistake(self, grace, user, referer, query, leads_to):
        page = page_of(user)
        headers = {"referer": referer.format(page=page)} if referer else {}
        asked = grace.get(page + query, headers=headers)
        # Without a reason: the page is shown again, and led to by itself.
        again = grace.post(
            page + query, fields(asked), headers={"referer": f"http://testserver{page}"}
        )
        for response in (asked, again):
            text = response.content.decode().replace("http://testserver", "")
            assert re.findall('<a href="([^"]*)">Cancel</a>', text) == [leads_to]

    @pytest.mark.parametrize("verb", ["get", "head"])
    def test_reading_starts_nothing(self, grace, user, verb):
        before = list(Session.objects.order_by("pk").values())
        assert getattr(grace, verb)(page_of(user), {"reason": REASON}).status_code == 200
        assert list(Session.objects.order_by("pk").values()) == before
        assert who(grace) == "grace"

    @pytest.mark.parametrize("verb", ["put", "patch", "delete"])
    def test_other_methods_are_not_known(self, grace, user, verb):
        assert getattr(grace, verb)(page_of(user)).status_code == 405

    @pytest.mark.parametrize("data", [{}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 256}])
    def test_without_a_reason_asks_again(self, grace, user, data):
        response = grace.post(page_of(user), data)
        assert response.status_code == 422
        assert "errorlist" in response.content.decode()
        assert who(grace) == "grace"

    def test_needs_a_csrf_token(self, staff, user):
        client = sign_in("grace", enforce_csrf_checks=True)
        assert client.post(page_of(user), {"reason": REASON}).status_code == 403
        assert who(client) == "grace"
        page = client.get(page_of(user)).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        data = {"reason": REASON, "csrfmiddlewaretoken": token}
        assert client.post(page_of(user), data).status_code == 302
        assert who(client) == "ada"

    def test_needs_a_csrf_token_where_the_site_checks_none(self, staff, user, settings):
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
        client = sign_in("grace", enforce_csrf_checks=True)
        assert client.post(page_of(user), {"reason": REASON}).status_code == 403
        assert who(client) == "grace"

    @pytest.mark.parametrize("verb", ["get", "post"])
    def test_sends_visitors_to_sign_in(self, user, verb):
        response = getattr(Client(), verb)(page_of(user), {"reason": REASON})
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=/account/impersonate/")

    @pytest.mark.parametrize("verb", ["get", "post"])
    @pytest.mark.parametrize("key", ["{pk}", "999999", "not-a-key", "a/b"])
    def test_tells_nobody_else_who_there_is(self, user, make_user_bob, verb, key):
        client = sign_in("bob")
        url = f"/account/impersonate/{key.format(pk=user.pk)}/"
        response = getattr(client, verb)(url, {"reason": REASON})
        assert response.status_code == 403
        assert who(client) == "bob"

    @pytest.fixture
    def make_user_bob(self):
        return make_user("bob")

    @pytest.mark.parametrize("key", ["999999", "not-a-key", "9" * 40, "a/b"])
    def test_of_nobody_is_not_found(self, grace, key):
        assert grace.get(f"/account/impersonate/{key}/").status_code == 404
        assert grace.post(f"/account/impersonate/{key}/", {"reason": "x"}).status_code == 404

    @pytest.mark.parametrize("change", [{"is_staff": True}, {"is_active": False}], ids=str)
    def test_of_whom_one_may_not_be_is_refused_with_its_cause(self, grace, user, change):
        type(user).objects.filter(pk=user.pk).update(**change)
        assert grace.get(page_of(user)).status_code == 403
        response = grace.post(page_of(user), {"reason": REASON})
        assert response.status_code == 403
        cause = "superuser" if "is_staff" in change else "disabled"
        assert cause in response.content.decode()
        assert who(grace) == "grace"

    def test_asks_for_a_new_proof_and_comes_back(self, grace, user):
        long_ago = timezone.now() - timedelta(hours=1)
        Session.objects.update(authenticated_at=long_ago)
        response = grace.post(page_of(user), {"reason": REASON})
        assert response.status_code == 403
        text = response.content.decode()
        assert "last proof is too long ago" in text
        url = re.search(r'href="(/account/reauthenticate/[^"]+)"', text)[1].replace("&amp;", "&")
        form = fields(grace.get(url))
        back = grace.post(url, {**form, "password": "right-password"})
        assert (back.status_code, back["Location"]) == (302, page_of(user))
        assert grace.post(page_of(user), {"reason": REASON}).status_code == 302
        assert who(grace) == "ada"

    def test_escapes_names_and_what_was_typed(self, staff):
        target = make_user(HOSTILE)
        grace = sign_in("grace")
        for response in (
            grace.get(page_of(target), {"next": '/x"><script>'}),
            grace.post(page_of(target), {"reason": "", "next": '/x"><script>'}),
        ):
            text = response.content.decode()
            assert "<script" not in text
            assert "&lt;script&gt;alert(1)" in text


NEXTS = {
    "/inbox/": "/inbox/",
    "/inbox/?a=1&b=2": "/inbox/?a=1&b=2",
    "http://testserver/inbox/": "http://testserver/inbox/",
    "": "/whoami/",
    "https://evil.example/": "/whoami/",
    "//evil.example/": "/whoami/",
    "///evil.example/": "/whoami/",
    "/\\evil.example/": "/whoami/",
    "\\\\evil.example": "/whoami/",
    "http:///evil.example": "/whoami/",
    "javascript:alert(1)": "/whoami/",
    "data:text/html,x": "/whoami/",
    " https://evil.example/": "/whoami/",
    "\x08//evil.example": "/whoami/",
    "http://testserver@evil.example/": "/whoami/",
}


@pytest.mark.parametrize("asked", NEXTS)
def test_next_leads_to_this_site_alone(grace, user, asked):
    response = grace.post(page_of(user), {"reason": REASON, "next": asked})
    assert (response.status_code, response["Location"]) == (302, NEXTS[asked])
    response = grace.post("/account/impersonate/stop/", {"next": asked})
    assert (response.status_code, response["Location"]) == (302, NEXTS[asked])
    response = grace.get(page_of(user), {"next": asked})
    assert ('name="next"' in response.content.decode()) is (NEXTS[asked] == asked)


def test_next_may_not_leave_https(grace, user):
    data = {"reason": REASON, "next": "http://testserver/inbox/"}
    response = grace.post(page_of(user), data, secure=True)
    assert response["Location"] == "/whoami/"


class TestStop:
    @pytest.fixture
    def acting(self, grace, user):
        grace.post(page_of(user), {"reason": REASON})
        return grace

    def test_goes_back(self, acting):
        response = acting.post("/account/impersonate/stop/")
        assert (response.status_code, response["Location"]) == (302, "/whoami/")
        assert who(acting) == "grace"
        assert the_impersonation().end_reason == "impersonation_over"

    def test_twice_is_harmless(self, acting):
        for _ in range(2):
            assert acting.post("/account/impersonate/stop/").status_code == 302
        assert who(acting) == "grace"

    def test_by_reading_does_nothing(self, acting):
        assert acting.get("/account/impersonate/stop/").status_code == 405
        assert who(acting) == "ada"

    def test_needs_a_csrf_token(self, staff, user):
        client = sign_in("grace")
        client.post(page_of(user), {"reason": REASON})
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert strict.post("/account/impersonate/stop/").status_code == 403
        assert who(strict) == "ada"

    def test_leads_to_the_sign_in_where_there_is_no_way_back(self, acting, staff, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/account/"]
        type(staff).objects.filter(pk=staff.pk).update(is_active=False)
        response = acting.post("/account/impersonate/stop/", {"next": "/inbox/"})
        assert response["Location"] == "/accounts/login/?next=/inbox/"
        assert who(acting) is None

    def test_the_page_to_start_is_closed_to_an_impersonator(self, acting, user):
        other = make_user("bob")
        assert acting.get(page_of(other)).status_code == 403
        assert acting.post(page_of(other), {"reason": REASON}).status_code == 403
        assert who(acting) == "ada"


class TestBanner:
    def test_tells_who_acts_as_whom_why_and_until_when(self, grace, user):
        assert "sessions-hub-impersonation" not in grace.get("/banner/").content.decode()
        grace.post(page_of(user), {"reason": "ticket <4711>"})
        text = grace.get("/banner/").content.decode()
        assert "<bdi>grace</bdi> is acting as <strong><bdi>ada</bdi></strong> until" in text
        assert "ticket &lt;4711&gt;" in text
        assert 'action="/account/impersonate/stop/"' in text
        assert 'name="next" value="/inbox/"' in text
        assert re.search(r'name="csrfmiddlewaretoken" value="\w+"', text)
        for inline in ("style=", "<style", "<script", "onclick"):
            assert inline not in text

    def test_its_button_works(self, staff, user):
        client = sign_in("grace")
        client.post(page_of(user), {"reason": REASON})
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        page = strict.get("/banner/").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        data = {"csrfmiddlewaretoken": token, "next": "/inbox/"}
        response = strict.post("/account/impersonate/stop/", data)
        assert response["Location"] == "/inbox/"
        assert who(strict) == "grace"

    def test_escapes_names(self, staff):
        target = make_user(HOSTILE)
        grace = sign_in("grace")
        grace.post(page_of(target), {"reason": HOSTILE})
        text = grace.get("/banner/").content.decode()
        assert "<script" not in text
        assert text.count("&lt;script&gt;") == 2

    def test_is_nothing_for_visitors_but_the_page_varies(self, db):
        response = Client().get("/banner/")
        assert "sessions-hub-impersonation" not in response.content.decode()
        assert "Cookie" in response["Vary"]

    def test_costs_other_pages_no_query(self, grace):
        from tests.lifecycle.test_query_counts import Statements

        with Statements() as plain:
            grace.get("/public/")
        with Statements() as with_tag:
            grace.get("/banner/")
        assert len(with_tag.all) == len(plain.all)

    def test_without_a_request_or_session_is_nothing(self):
        tag = "{% load sessions_hub_impersonation %}{% impersonation_banner %}"
        assert Template(tag).render(Context()).strip() == ""
        request = RequestFactory().get("/")
        assert Template(tag).render(Context({"request": request})).strip() == ""

    @pytest.mark.urls("tests.account.without_pages")
    def test_has_no_button_where_the_site_has_no_page_to_stop(self, staff, user):
        client = sign_in("grace")
        client.post("/impersonate/?user=ada", {"reason": REASON})
        text = client.get("/banner/").content.decode()
        assert "<strong><bdi>ada</bdi></strong>" in text
        assert "<form" not in text
