"""A filter without an index looks through so many rows a page; following `next` misses none."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.models import Session
from sessions_hub.models.predicate import condition_of
from tests.factories import make_method, make_session
from tests.lifecycle.test_query_counts import Statements

from .conftest import SESSIONS
from .narrow import WINDOW, make_rows, pages
from .narrow import desk as desk
from .narrow import narrow as narrow

pytestmark = pytest.mark.django_db(databases="__all__")


# The reader's session is one row more, at the end.
@pytest.mark.parametrize(
    ("count", "marked", "size", "expected"),
    [
        pytest.param(5, {1, 3}, 50, [[1, 3]], id="fewer rows than the window"),
        pytest.param(WINDOW - 1, {0, 8}, 50, [[0, 8]], id="as many rows as the window"),
        pytest.param(WINDOW, {0, 9}, 50, [[0, 9], []], id="one row more"),
        pytest.param(2 * WINDOW - 1, {9, 18}, 50, [[9], [18]], id="two windows"),
        pytest.param(2 * WINDOW, {9, 10, 19}, 50, [[9], [10, 19], []], id="and one row more"),
        pytest.param(35, {25}, 50, [[], [], [25], []], id="pages without rows, and then one"),
        pytest.param(35, {}, 50, [[], [], [], []], id="no row at all"),
        pytest.param(35, {9, 10}, 50, [[9], [10], [], []], id="on both sides of an edge"),
        pytest.param(9, {1, 2, 3, 4}, 2, [[1, 2], [3, 4]], id="full pages, and all looked at"),
        pytest.param(9, {1, 2, 3}, 2, [[1, 2], [3]], id="a full page, and the rest"),
        pytest.param(25, {3, 4}, 2, [[3, 4], [], []], id="a page just full goes on from the edge"),
        pytest.param(
            25, {0, 1, 2, 20}, 2, [[0, 1], [2], [20], []], id="a window begins where a page ended"
        ),
    ],
)
def test_pages_of(count, marked, size, expected, ada, desk):
    make_rows(ada, count, marked)
    query = {"country_code": "NR", "page_size": size}
    assert list(pages(desk, SESSIONS, query)) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("marked", [{}, {0}, {9, 10}, {4, 5, 6, 7, 24}, set(range(30))])
def test_the_way_back_shows_the_same_rows_once_each(marked, size, ada, desk):
    make_rows(ada, 30, marked)
    response = desk.get(SESSIONS, {"country_code": "NR", "page_size": size})
    assert response.json()["previous"] is None
    last = SESSIONS
    while response.json()["next"]:
        last = response.json()["next"]
        response = desk.get(last)
    seen = list(pages(desk, last, link="previous"))
    assert [number for page in reversed(seen) for number in page] == sorted(marked)
    assert all(len(page) <= size for page in seen)
    # A page looks through as many rows on the way back.
    assert len(seen) >= 3


@pytest.mark.parametrize(
    ("marked", "steps", "before"),
    [
        # 9 and 19 are the last of their windows, 10 and 20 the first.
        pytest.param({9, 10}, 1, ["9"], id="rows on both pages"),
        pytest.param({19}, 2, ["19"], id="from a page without rows"),
        pytest.param({20}, 2, [], id="to a page without rows"),
        pytest.param({9, 30}, 2, [], id="from one to the other"),
        pytest.param(set(range(10, 30)), 2, ["10"], id="from the middle"),
    ],
)
def test_back_and_forth_loses_no_row_beside_an_edge(marked, steps, before, ada, desk):
    make_rows(ada, 40, marked)
    response = desk.get(SESSIONS, {"country_code": "NR"})
    for _ in range(steps):
        response = desk.get(response.json()["next"])
    shown = response.json()["results"]
    back = desk.get(response.json()["previous"])
    assert [row["name"] for row in back.json()["results"]][:1] == before
    assert desk.get(back.json()["next"]).json()["results"] == shown


def test_rows_that_begin_or_go_meanwhile_move_none(ada, bob, desk):
    marked = {0, 5, 9, 10, 11, 19, 20, 28}
    rows = make_rows(ada, 30, marked)
    url, seen, later = f"{SESSIONS}?country_code=NR&page_size=2", [], timezone.now()
    while url:
        body = desk.get(url).json()
        seen += [int(row["name"]) for row in body["results"]]
        for hours in range(1, 4):
            make_session(bob, later + timedelta(days=1, hours=hours), country_code="NR")
        if "9" in {row["name"] for row in body["results"]}:
            # The very row the link names.
            rows[9].delete()
        url = body["next"]
    assert seen == sorted(marked)


def test_a_window_is_of_the_rows_of_the_user_asked_for(ada, bob, desk):
    now = timezone.now() + timedelta(hours=2)
    make_rows(ada, 8, {7})
    for _ in range(3 * WINDOW):
        make_session(bob, now)
    query = {"user": ada.pk, "country_code": "NR"}
    assert list(pages(desk, SESSIONS, query)) == [[7]]
    assert list(pages(desk, SESSIONS, {"country_code": "NR"}))[:3] == [[], [], []]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ip": "192.0.2.1"},
        {"network": "192.0.2.1"},
        {"network": "192.0.2.1/32"},
        {"user": None},
        {"user": None, "ip": "192.0.2.1"},
    ],
)
def test_what_has_an_index_is_looked_up(query, ada, desk):
    make_rows(ada, 2 * WINDOW, ip="192.0.2.1", ip_key=address_key("192.0.2.1"))
    query = {name: ada.pk if value is None else value for name, value in query.items()}
    with Statements() as ran:
        (found,) = pages(desk, SESSIONS, query)
    assert found == list(range(2 * WINDOW))
    assert not [sql for sql in ran.all if "OFFSET" in sql]


@pytest.mark.parametrize(
    ("query", "number_of_pages"),
    [
        ({"country_code": "NR"}, 3),
        ({"status": "active"}, 6),
        ({"method": "totp"}, 6),
        ({"country_code": "NR", "method": "totp"}, 6),
        # One user's cost no look at another table.
        ({"user": None, "status": "active"}, 2),
        ({"user": None, "method": "totp"}, 5),
        ({"ip": "192.0.2.1", "status": "active"}, 2),
    ],
)
def test_the_dearest_filter_says_how_many_rows_are_looked_through(
    query, number_of_pages, ada, desk
):
    make_rows(ada, 2 * WINDOW, reason="limit", ip="192.0.2.1", ip_key=address_key("192.0.2.1"))
    query = {name: ada.pk if value is None else value for name, value in query.items()}
    assert len(list(pages(desk, SESSIONS, query))) == number_of_pages


CONDITIONS: dict[str, list[Any]] = {
    "country_code": ["NR", "DE"],
    "os_code": ["IOS", "WIN"],
    "session_type": ["api_key"],
    "tenant_id": ["acme", ""],
    "method": ["totp", "sms"],
    "network": ["192.0.2.0/30", "192.0.2.0/24"],
}


@pytest.mark.parametrize("seed", range(8))
def test_following_the_links_shows_what_one_query_would(seed, ada, bob, desk):
    dice = random.Random(seed)
    now = timezone.now() + timedelta(hours=1)
    for number in range(60):
        ip = f"192.0.2.{dice.choice([1, 2, 77])}"
        row = make_session(
            dice.choice([ada, bob, None]),
            now - timedelta(seconds=number),
            name=str(number),
            reason=dice.choice(["", "", "signed_out", "expired"]),
            country_code=dice.choice(["NR", "DE", "DE", "DE"]),
            os_code=dice.choice(["IOS", "WIN"]),
            session_type=dice.choice(["api_key", "regular_login"]),
            tenant_id=dice.choice(["acme", ""]),
            ip=ip,
            ip_key=address_key(ip),
        )
        make_method(row, dice.choice(["totp", "sms", "password"]))
    for _ in range(4):
        names = dice.sample(sorted(CONDITIONS), dice.choice([1, 1, 2, 3]))
        query = {name: dice.choice(CONDITIONS[name]) for name in names}
        if dice.random() < 0.3:
            query["user"] = dice.choice([ada, bob]).pk
        rows = Session.objects.filter(condition_of(query) & ~Q(os_code="own"))
        if dice.random() < 0.5:
            query["status"] = dice.choice(["active", "expired", "revoked"])
            rows &= getattr(Session.objects, query["status"])()
        wanted = sorted(int(row.name) for row in rows)
        query["page_size"] = dice.choice([1, 3, 50])
        seen = list(pages(desk, SESSIONS, query))
        assert [number for page in seen for number in page] == wanted, query
        back = desk.get(SESSIONS, {**query, "cursor": "cj0x"}).request["QUERY_STRING"]
        seen = list(pages(desk, f"{SESSIONS}?{back}", link="previous"))
        assert [number for page in reversed(seen) for number in page] == wanted, query
