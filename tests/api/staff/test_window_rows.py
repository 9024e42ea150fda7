"""Which rows a window is made of, what it costs, and what a cursor tells."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.models import AuthenticationMethod, Session
from tests.factories import make_method, make_session
from tests.lifecycle.test_query_counts import Statements

from .conftest import SESSIONS, STAFF, token_of
from .narrow import SORTED, WINDOW, make_rows, pages
from .narrow import desk as desk
from .narrow import narrow as narrow

pytestmark = pytest.mark.django_db(databases="__all__")

PROOFS = f"{STAFF}authentication-methods/"


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

    @pytest.mark.parametrize("status", ["active", "expired", "revoked"])
    def test_what_is_open_is_not_told_by_the_index_of_that(self, status, ada, desk):
        """A database would find all open sessions by it, and sort them."""
        make_rows(ada, 35)
        with Statements() as ran:
            desk.get(SESSIONS, {"status": status})
        (page,) = [sql for sql in ran.ours if "end_reason" in sql.partition("WHERE")[2]]
        assert "ended_at" not in page.partition("WHERE")[2]
        assert "JOIN" not in page.partition("WHERE")[2]

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
