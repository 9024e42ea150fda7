"""`?expand=` and `?fields=`: fewer keys and fewer queries, and never more than the whole."""

from __future__ import annotations

import pytest

from sessions_hub.api.selection import RESTING_ON

from .conftest import URL, link
from .test_list import ids
from .test_problems import problem
from .test_representation import KEYS

pytestmark = pytest.mark.django_db(databases="__all__")

METHODS, PLACES = (RESTING_ON[name] for name in ("authentication_methods", "devices"))


def rows(response) -> list[dict[str, object]]:
    assert response.status_code == 200
    return response.json()["results"]


@pytest.mark.parametrize(
    ("query", "left_out", "queries"),
    [
        ("", set(), 3),
        ("expand=devices,authentication_methods", set(), 3),
        ("expand=devices", METHODS, 2),
        ("expand=authentication_methods", PLACES, 2),
        ("expand=", METHODS | PLACES, 1),
        ("fields=id", {*KEYS} - {"id"}, 1),
        ("fields=id,status,user", {*KEYS} - {"id", "status", "user"}, 1),
        ("fields=factors,amr", {*KEYS} - {"factors", "amr"}, 2),
        ("fields=device_name", {*KEYS} - {"device_name"}, 2),
        ("fields=devices,auth_method", {*KEYS} - {"devices", "auth_method"}, 3),
        ("expand=devices&fields=id,device_id", {*KEYS} - {"id", "device_id"}, 2),
        ("expand=&fields=ip", {*KEYS} - {"ip"}, 1),
    ],
)
def test_answers_the_keys_that_are_left_with_the_queries_they_need(
    query, left_out, queries, ada, browser, other_session, in_view
):
    for _ in range(5):
        other_session(ada)
    whole = rows(browser.get(URL))
    in_view.clear()
    shown = rows(browser.get(f"{URL}?{query}"))
    assert len(in_view) == queries, in_view
    assert shown == [
        {key: value for key, value in row.items() if key not in left_out} for row in whole
    ]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("expand=user", "expand"),
        ("expand=devices,", "expand"),
        ("expand=tokens", "expand"),
        ("expand=Devices", "expand"),
        ("fields=", "fields"),
        ("fields=id,", "fields"),
        ("fields=digest", "fields"),
        ("fields=credentials_digest", "fields"),
        ("fields=user__password", "fields"),
        ("fields=id,secret", "fields"),
        ("fields=provider_access_token", "fields"),
        ("fields=current_fingerprint", "fields"),
        ("fields=id, status", "fields"),
        ("fields=id&fields=status", "fields"),
        ("expand=&fields=devices", "fields"),
        ("expand=devices&fields=id,factors", "fields"),
    ],
)
def test_a_name_that_is_no_key_of_the_answer_is_an_error(query, wrong, browser):
    response = browser.get(f"{URL}?{query}")
    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == [wrong]


def test_pages_keep_the_selection(ada, browser, other_session):
    for _ in range(3):
        other_session(ada)
    page = browser.get(URL, {"fields": "id", "page_size": 2})
    rest = browser.get(page.json()["next"])
    assert [list(row) for row in rows(rest)] == [["id"]] * 2
    assert len({*ids(page), *ids(rest)}) == 4


def test_single_sessions_are_answered_whole(browser):
    narrowed = browser.get(link(browser.session_id), {"fields": "id", "expand": ""})
    assert set(narrowed.json()) == set(KEYS)


def test_the_session_one_is_in_can_be_narrowed(browser):
    """Proxies ask on every request, and read headers alone."""
    path = f"{URL}current/"
    assert set(browser.get(path).json()) == set(KEYS)
    assert browser.get(path, {"fields": "id,user_id"}).json().keys() == {"id", "user_id"}
    assert browser.get(path, {"fields": "nothing"}).status_code == 400
