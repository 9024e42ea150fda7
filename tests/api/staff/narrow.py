"""Windows of a few rows, rows to look through, and the way along the links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sessions_hub.api.staff import narrowing, pagination
from sessions_hub.models import Session
from tests.factories import make_session

WINDOW, DEAR_WINDOW, SORTED = 10, 4, 6


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """Windows of ten rows, of four where a row costs more; six are few."""
    monkeypatch.setattr(narrowing, "LOOKED_THROUGH", WINDOW)
    monkeypatch.setattr(narrowing, "LOOKED_THROUGH_DEARLY", DEAR_WINDOW)
    monkeypatch.setattr(pagination, "SORTED", SORTED)


@pytest.fixture
def desk(desk):
    """The reader's own session is older than all of make_rows(), and has no name."""
    Session.objects.filter(pk=desk.session_id).update(os_code="own", tenant_id="own")
    return desk


def make_rows(user: Any, count: int, marked: Any = (), **values: Any) -> list[Session]:
    """As many sessions, the newest first; those with these numbers are of Nauru."""
    now = timezone.now() + timedelta(hours=1)
    return [
        make_session(
            user,
            now - timedelta(seconds=number),
            country_code="NR" if number in marked else "DE",
            name=str(number),
            **values,
        )
        for number in range(count)
    ]


def pages(desk: Any, url: str, query: Any = None, link: str = "next") -> Iterator[list[int]]:
    """The names of the rows of each page, following a link to its end."""
    response = desk.get(url, query or {})
    for _ in range(200):
        assert response.status_code == 200, response.content
        yield [int(row["name"]) for row in response.json()["results"] if row["name"]]
        if (url := response.json()[link]) is None:
            return
        response = desk.get(url)
    raise AssertionError("There is no end of it.")
