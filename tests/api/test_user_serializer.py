"""SESSIONS_HUB_USER_SERIALIZER: what stands for `user`, and what does when it fails."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy

from .conftest import URL, link

pytestmark = pytest.mark.django_db(databases="__all__")

HERE = "tests.api.test_user_serializer"
asked: list[object] = []


def profile(user):
    asked.append(user.pk)
    return {
        "mail": user.email,
        "since": datetime(2026, 1, 2, tzinfo=UTC),
        "key": uuid.UUID(int=7),
        "kind": gettext_lazy("user"),
        "groups": ["a"],
    }


def raises(user):
    raise RuntimeError("no profile")


def queries_wrongly(user):
    return {"n": get_user_model()._default_manager.extra(where=["no_such_column = 1"]).count()}


def returns_none(user):
    return None


def returns_text(user):
    return "ada"


async def is_async(user):
    return {}


def returns_the_user(user):
    return {"user": user}


def returns_no_number(user):
    return {"n": float("nan")}


def goes_on_for_ever(user):
    return goes_on_for_ever(user)


@pytest.fixture(autouse=True)
def forget():
    asked.clear()


def test_its_dict_stands_for_the_user_wherever_a_session_is_read(
    ada, browser, other_session, settings
):
    settings.SESSIONS_HUB_USER_SERIALIZER = f"{HERE}.profile"
    expected = {
        "mail": "ada@example.com",
        "since": "2026-01-02T00:00:00Z",
        "key": str(uuid.UUID(int=7)),
        "kind": "user",
        "groups": ["a"],
    }
    for path in (link(browser.session_id), f"{URL}current/"):
        row = browser.get(path).json()
        assert (row["user"], row["user_id"]) == (expected, str(ada.pk))
    for _ in range(5):
        other_session(ada)
    asked.clear()
    assert [row["user"] for row in browser.get(URL).json()["results"]] == [expected] * 6
    assert asked == [ada.pk]


def test_is_not_asked_for_what_is_not_shown(browser, settings):
    settings.SESSIONS_HUB_USER_SERIALIZER = f"{HERE}.profile"
    browser.get(URL, {"fields": "id"})
    assert asked == []


@pytest.mark.parametrize(
    "path",
    [
        f"{HERE}.{function.__name__}"
        for function in (
            raises,
            queries_wrongly,
            returns_none,
            returns_text,
            is_async,
            returns_the_user,
            returns_no_number,
            goes_on_for_ever,
        )
    ]
    + ["no.such.function", f"{HERE}.HERE", ""],
)
def test_where_it_fails_the_user_is_shown_by_the_default_keys(path, ada, browser, settings, caplog):
    settings.SESSIONS_HUB_USER_SERIALIZER = path
    for _ in range(3):
        response = browser.get(f"{URL}current/")
        assert response.status_code == 200
        assert response.json()["user"] == {"id": str(ada.pk), "username": "ada", "display": "ada"}
    told = [one for one in caplog.records if "USER_SERIALIZER" in one.getMessage()]
    assert [one.levelno for one in told] == [logging.ERROR]
