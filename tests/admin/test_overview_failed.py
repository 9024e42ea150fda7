"""Failed sign-ins on the overview: how many, of how many, and where they are not told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.admin import overview_cache
from sessions_hub.models import FailedSignIns, Session
from sessions_hub.models.failed_sign_ins import quarter_of

from .conftest import make_session
from .overview_page import URL, card, table, text_of
from .site import site

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.admin.site"),
    pytest.mark.usefixtures("midday", "empty_cache"),
]


def fail(count: int, age: timedelta = timedelta(0), slot: int = 0):
    starts_at = quarter_of(timezone.now() - age)
    FailedSignIns.objects.create(starts_at=starts_at, slot=slot, count=count)


def test_are_stacked_on_those_that_succeeded_and_told_beside_them(root, user):
    # The reader's own is the third.
    for _ in range(2):
        make_session(user)
    fail(4)
    fail(2, slot=1)
    fail(3, timedelta(days=1))
    fail(9, timedelta(days=40))
    rows = table(root, "sign-ins")
    assert rows[0] == ["Day", "Succeeded", "Failed", "Total"]
    assert [row[1:] for row in rows[-2:]] == [["0", "3", "3"], ["3", "6", "9"]]
    response = root.get(URL)
    assert card(response, "Failed sign-ins") == "9"
    text = text_of(response)
    assert "75.0% of all that were tried" in text
    assert "Succeeded: 3, Failed: 9" in text
    drawing = text[text.index("hub-sign-ins-title") :].partition("</svg>")[0]
    assert drawing.count('class="hub-chart-4"') == 2
    assert drawing.count('class="hub-chart-1"') == 1


@pytest.mark.parametrize(
    ("query", "setting", "said"),
    [
        ({"tenant": "acme"}, True, "counted without user and tenant, for the whole site"),
        ({}, False, "Sign-ins that failed are not counted on this site"),
    ],
)
def test_are_not_told_where_nobody_knows(root, user, settings, query, setting, said):
    settings.SESSIONS_HUB_COUNT_FAILED_SIGN_INS = setting
    make_session(user, tenant_id="acme")
    fail(5)
    response = root.get(URL, query)
    assert card(response, "Failed sign-ins") == "–"
    assert said in text_of(response)
    assert table(root, "sign-ins", **query)[0] == ["Day", "Succeeded", "Total"]


def test_the_rate_is_written_as_the_language_writes_numbers(root, settings):
    settings.LANGUAGE_CODE = "de"
    fail(1)
    # The reader's own sign-in is the other one.
    assert "50,0% aller Versuche" in text_of(root.get(URL))


def test_are_not_told_to_those_who_see_a_part(root, user, monkeypatch):
    # On the class: put back on the object, the method would hide what other tests do to it.
    monkeypatch.setattr(
        type(site.get_model_admin(Session)),
        "get_queryset",
        lambda _, request: Session.objects.filter(tenant_id="acme"),
    )
    fail(5)
    response = root.get(URL)
    assert card(response, "Failed sign-ins") == "–"
    assert "for the whole site" in text_of(response)


def test_are_looked_back_for_as_far_as_the_others(root, user, monkeypatch):
    plain = overview_cache.overview
    monkeypatch.setattr(
        overview_cache,
        "overview",
        lambda *args, **options: plain(*args, looks_through=1, **options),
    )
    make_session(user, age=timedelta(days=3))
    fail(1)
    fail(2, timedelta(days=2))
    assert card(root.get(URL), "Failed sign-ins") == "1+"
