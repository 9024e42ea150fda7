"""A filter without an index looks through so many rows a page; following `next` misses none."""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Q
from django.utils import timezone

from sessions_hub.api.staff import narrowing, pagination
from sessions_hub.capture.address import address_key
from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.models.predicate import condition_of
from tests.factories import make_method, make_session
from tests.lifecycle.test_query_counts import Statements

from .conftest import SESSIONS, STAFF, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

PROOFS = f"{STAFF}authentication-methods/"
WINDOW, DEAR_WINDOW, SORTED = 10, 4, 6


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """Windows of ten rows, of four where a row costs more; six are few."""
    monkeypatch.setattr(narrowing, "LOOKED_THROUGH", WINDOW)
    monkeypatch.setattr(narrowing, "LOOKED_THROUGH_DEARLY", DEAR_WINDOW)
    monkeypatch.setattr(pagination, "SORTED", SORTED)


@pytest.fixture
def desk(desk):
    """The reader's own session is the oldest row, and meets no filter."""
    Session.objects.filter(pk=desk.session_id).update(
        issued_at=timezone.now() - timedelta(days=1), os_code="own", tenant_id="own"
    )
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


class TestNetworks:
    @pytest.fixture
    def old(self, ada, bob):
        """Four sessions of a network, behind thirty of another."""
        old = [self.at(f"198.51.100.{number}", ada, number) for number in (3, 1, 2, 0)]
        make_rows(bob, 3 * WINDOW, ip="192.0.2.1", ip_key=address_key("192.0.2.1"))
        return old

    def at(self, ip, user, hours) -> Session:
        return make_session(
            user,
            timezone.now() - timedelta(hours=hours),
            name=str(hours),
            ip=ip,
            ip_key=address_key(ip),
            country_code="NR" if hours == 2 else "DE",
        )

    def test_with_few_rows_are_found_at_once_wherever_they_are(self, old, desk):
        query = {"network": "198.51.100.0/24"}
        assert list(pages(desk, SESSIONS, query)) == [[0, 1, 2, 3]]
        assert list(pages(desk, SESSIONS, {**query, "country_code": "NR"})) == [[2]]
        two = {**query, "page_size": 2}
        assert list(pages(desk, SESSIONS, two)) == [[0, 1], [2, 3]]
        last = desk.get(desk.get(SESSIONS, two).json()["next"])
        assert list(pages(desk, last.json()["previous"], link="previous")) == [[0, 1]]

    @pytest.mark.parametrize(("count", "is_wide"), [(SORTED, False), (SORTED + 1, True)])
    def test_with_more_are_looked_for_in_windows(self, count, is_wide, old, ada, desk):
        for hours in range(4, count):
            self.at("198.51.100.9", ada, hours)
        found = list(pages(desk, SESSIONS, {"network": "198.51.100.0/24"}))
        assert found == ([[], [], []] if is_wide else []) + [list(range(count))]

    def test_of_one_user_are_looked_for_among_that_users(self, old, ada, desk):
        query = {"network": "198.51.100.0/24", "user": ada.pk}
        assert list(pages(desk, SESSIONS, query)) == [[0, 1, 2, 3]]


class TestProofs:
    @pytest.fixture
    def proofs(self, ada, desk):
        """Thirty proofs, the newest first; the 5th and the 15th by SAML."""
        AuthenticationMethod.objects.all().delete()
        session = make_session(ada)
        kinds = ["saml" if number in {5, 15} else "totp" for number in range(30)]
        return [make_method(session, kind) for kind in reversed(kinds)][::-1]

    def found(self, desk, query):
        url = PROOFS
        while url:
            response = desk.get(url, query)
            yield [row["id"] for row in response.json()["results"]]
            url, query = response.json()["next"], {}

    def test_are_looked_through_for_a_method(self, proofs, desk):
        wanted = [[str(proofs[5].pk)], [str(proofs[15].pk)], []]
        assert list(self.found(desk, {"method": "saml"})) == wanted

    @pytest.mark.parametrize("name", ["user", "session"])
    def test_are_looked_up_for_a_user_or_a_session(self, name, ada, proofs, desk):
        (session,) = {proof.session for proof in proofs}
        value = ada.pk if name == "user" else session.pk
        (found,) = self.found(desk, {"method": "saml", name: value})
        assert found == [str(proofs[5].pk), str(proofs[15].pk)]
        assert len(list(self.found(desk, {}))) == 1


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


class TestCursors:
    def test_hold_an_id_and_nothing_else(self, ada, desk):
        rows = make_rows(ada, 2 * WINDOW)
        first = desk.get(SESSIONS, {"country_code": "NR"}).json()
        assert _cursor(first["next"]) == {"p": [str(rows[WINDOW - 1].pk)]}
        second = desk.get(first["next"]).json()
        assert _cursor(second["previous"]) == {"r": ["1"], "p": [str(rows[WINDOW - 1].pk)]}

    @pytest.mark.parametrize("cursor", ["x", "cD1ub3QtYW4taWQ=", "cD0lMDA=", "cj0xJnA9MQ=="])
    def test_that_nobody_gave_are_refused(self, cursor, desk):
        response = desk.get(SESSIONS, {"country_code": "NR", "cursor": cursor})
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert list(response.json()["errors"]) == ["cursor"]


def _cursor(url: str) -> dict[str, list[str]]:
    (cursor,) = parse_qs(urlsplit(url).query)["cursor"]
    return parse_qs(b64decode(cursor).decode())


class TestCost:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", 4),
            ("?ip=127.0.0.1", 4),
            ("?status=active", 5),
            ("?network=::/0&method=password", 5),
        ],
    )
    def test_by_token_is_four_statements_and_one_for_the_window(self, query, expected, grace):
        """The secret with the user; the page; its proofs; its places. Permissions aside."""
        program = token_of(grace, "staff")
        for _ in range(2):
            make_method(make_session(grace, ip="127.0.0.1", ip_key=address_key("127.0.0.1")))
        for _ in range(2):
            with Statements() as ran:
                assert program.call("get", SESSIONS + query).json()["results"]
        assert len([sql for sql in ran.rows if "auth_permission" not in sql]) == expected, ran.rows

    @pytest.mark.parametrize("count", [3, 35])
    @pytest.mark.parametrize(
        "query",
        [{"country_code": "DE"}, {"status": "active"}, {"method": "totp", "network": "::/0"}],
    )
    def test_is_one_statement_more_that_reads_no_more_than_ids(self, query, count, ada, desk):
        for row in make_rows(ada, count):
            make_method(row, "totp")
        desk.get(SESSIONS, query)
        with Statements() as ran:
            desk.get(SESSIONS, query)
        ours = [sql for sql in ran.ours if "auth_permission" not in sql]
        edges = [sql for sql in ours if f"OFFSET {WINDOW - 1}" in sql or "OFFSET 3" in sql]
        (edge,) = edges
        assert "country_code" not in edge
        assert not [sql for sql in ran.all if "COUNT(" in sql.upper()]

    def test_the_rows_looked_through_lie_between_two_ids(self, ada, desk):
        rows = make_rows(ada, 35)
        second = desk.get(SESSIONS, {"country_code": "NR"}).json()["next"]
        with Statements() as ran:
            desk.get(second)
        pages = [sql for sql in ran.ours if "country_code" in sql and "LIMIT 51" in sql]
        assert len(pages) == 1
        for number in (WINDOW - 1, 2 * WINDOW - 1):
            pk = rows[number].pk
            assert str(pk) in pages[0] or pk.hex in pages[0]
