"""The admin, followed link by link and form by form, shows no secret to anybody."""

from __future__ import annotations

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from sessions_hub.models import AuthenticationMethod, Device, Session
from tests.admin.site import urlpatterns as admin_site
from tests.credentials.shown import found_in
from tests.urls import urlpatterns as common

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls(__name__),
]

# The hub's own admins, and those of users as the documentation has them.
urlpatterns = [*admin_site[:1], *common[1:]]

LINK = re.compile(r'(?:href|action)="([^"#]+)"')
# Signs out, or changes the password of who looks.
NOT_FOLLOWED = ("/admin/logout/", "/admin/password_change/", "/admin/jsi18n/", "/static/")


# How many addresses of one kind are looked at, whatever their ids and queries are.
MOST = 12


def crawl(client: Client, start: str) -> dict[str, str]:
    """All kinds of pages of the admin that can be reached by links, with their texts."""
    seen: dict[str, str] = {}
    counted: Counter[str] = Counter()
    waiting = deque([start])
    while waiting:
        url = waiting.popleft()
        if url in seen or counted[kind(url)] >= MOST:
            continue
        counted[kind(url)] += 1
        response = client.get(url)
        text = response.content.decode()
        seen[url] = f"{response.status_code} {dict(response.headers)} {text}"
        assert response.status_code < 500, url
        links = [unescape(href) for href in LINK.findall(text)]
        if 300 <= response.status_code < 400:
            links.append(response["Location"])
        for href in links:
            there = urljoin(url, href)
            if there.startswith("/admin/") and not there.startswith(NOT_FOLLOWED):
                waiting.append(there)
    return seen


def kind(page: str) -> str:
    """What a page is, with ids left out."""
    return re.sub(r"/(?:[0-9a-f-]{36}|\d+|root|ada)/", "/<id>/", urlsplit(page).path)


def test_no_page_of_the_admin_has_one(used):
    pages = crawl(used.staff, "/admin/")
    hub = "/admin/sessions_hub"
    assert {
        f"{hub}/session/",
        f"{hub}/session/<id>/change/",
        f"{hub}/session/<id>/end/",
        f"{hub}/session/<id>/history/",
        f"{hub}/device/",
        f"{hub}/device/<id>/change/",
        f"{hub}/authenticationmethod/",
        f"{hub}/authenticationmethod/<id>/change/",
    } <= set(map(kind, pages))
    assert any("?" in page for page in pages)
    shown = {
        page: names
        for page, text in pages.items()
        if (names := used.seeds.named(found_in(text, used.seeds.all)))
    }
    assert shown == {}


def test_no_answer_to_a_form_of_the_admin_has_one(used):
    """Actions, their confirmations, what they say afterwards, and deleting the user."""
    hub, session = "/admin/sessions_hub", used.session
    every = [str(pk) for pk in Session.objects.values_list("pk", flat=True)]
    user = used.ada._meta
    of_user = f"/admin/{user.app_label}/{user.model_name}"
    chosen = {"_selected_action": every, "index": 0}
    texts = [
        used.staff.get(f"{hub}/session/", {"q": term}).content.decode()
        for term in ("ada", "ada@example.com", "127.0.0.1", str(session.pk))
    ]
    actions = re.findall(
        r'<option value="(\w+)"', used.staff.get(f"{hub}/session/").content.decode()
    )
    assert actions
    for action in actions:
        for further in ({}, {"post": "yes"}):
            response = used.staff.post(
                f"{hub}/session/", {**chosen, "action": action, **further}, follow=True
            )
            texts.append(response.content.decode())
    texts += [
        used.staff.get(f"{hub}/session/{session.pk}/end-all/").content.decode(),
        used.staff.post(f"{hub}/session/{session.pk}/end/", follow=True).content.decode(),
        used.staff.get(f"{hub}/session/{session.pk}/history/").content.decode(),
        used.staff.get(f"{of_user}/{used.ada.pk}/delete/").content.decode(),
        used.staff.post(
            f"{of_user}/{used.ada.pk}/delete/", {"post": "yes"}, follow=True
        ).content.decode(),
        used.staff.get("/admin/").content.decode(),
    ]
    assert found_in("\n".join(texts), used.seeds.all) == []


@pytest.mark.parametrize("model", [Session, Device, AuthenticationMethod])
def test_nor_one_that_refuses(model, used):
    for path in ("add/", f"{model.objects.first().pk}/delete/", "no/change/"):
        for verb in ("get", "post"):
            url = f"/admin/sessions_hub/{model._meta.model_name}/{path}"
            response = getattr(used.staff, verb)(url)
            assert found_in(response.content.decode(), used.seeds.all) == []
            assert response.status_code in {302, 403, 404, 405}


def test_no_page_of_the_account_has_one(used):
    for client in (used.browser, used.staff, Client()):
        for page in (
            "/account/reauthenticate/",
            "/account/reauthenticate/?next=/account/",
            f"/account/impersonate/{used.ada.pk}/",
            "/account/impersonate/stop/",
            "/account/not-me/made:up:link/",
            "/whoami/",
            "/accounts/login/",
        ):
            response = client.get(page)
            assert found_in(response.content.decode(), used.seeds.all) == [], page
    wrong = used.browser.post("/account/reauthenticate/", {"password": "wrong-p4ssw0rd-typed"})
    assert found_in(wrong.content.decode(), [*used.seeds.all, "wrong-p4ssw0rd-typed"]) == []
