"""The rule that no page reads a whole table: what counts, or tells values apart, has a bound.

A COUNT over a subquery with a LIMIT has one, and so has a DISTINCT with a LIMIT. Any other
needs a `Bound`, which the test names for the page that may have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sessions_hub.models.counting import CAP

# One more than is counted tells that there are more.
MOST = CAP + 1


@dataclass(frozen=True, slots=True)
class Bound:
    """A condition in the WHERE of a SELECT that leaves few rows, and why those are few.

    A pattern for SQL in capitals, without quotes around its names and with [] for ().
    """

    condition: str
    why: str


TOKENS_OF_ONE_SESSION = Bound(
    r"\bSESSIONS_HUB_SESSIONTOKEN\.SESSION_ID = ",
    "an index finds them, and whoever rotates a token forgets the oldest replaced ones",
)
FROM_A_ROW_ON = Bound(
    r"\.(ID|SESSION_ID|ENDED_AT|STARTS_AT) >= ",
    "a range of an index; tests/test_overview_numbers.py shows that it begins at the oldest of "
    "the newest rows that are looked at",
)

_TEXT = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
_GROUP = re.compile(r"\(([^()]*)\)")
_COMPARISON = re.compile(r" (?:=|>=|IN) ")
# Django's names for it on SQLite, those of PostgreSQL and MariaDB, and casts to a day.
_BY_DAY = re.compile(r"_TRUNC\b|\bCONVERT_TZ\b|_CAST_DATE\b|\bAT TIME ZONE\b")
_COUNT = re.compile(r"\bCOUNT\[")
_DISTINCT = re.compile(r"\bDISTINCT\b")
_LIMIT = re.compile(r" LIMIT (\d+)")
_FROM_LIMITED = re.compile(r" FROM \[LIMITED\](?: AS)? \w+(?: WHERE | GROUP BY | ORDER BY |$)")


def assert_bounded(queries: Iterable[Mapping[str, str]], *bounds: Bound) -> None:
    """Fail at the first captured query that reads more than it should."""
    for query in queries:
        problem = unbounded(query["sql"], *bounds)
        assert not problem, f"{problem}: {query['sql']}"


def unbounded(sql: str, *bounds: Bound) -> str:
    """What in the statement may read a whole table; empty where nothing does."""
    for select in _selects(sql):
        if found := _BY_DAY.search(select):
            return f"{found[0]} computes every row's day"
        counts, tells_apart = _COUNT.search(select), _DISTINCT.search(select)
        if not (counts or tells_apart) or _FROM_LIMITED.search(select):
            continue
        if not counts and _is_limited(select):
            continue
        where = select.partition(" WHERE ")[2]
        if not any(re.search(bound.condition, where) for bound in bounds):
            return f"unbounded {'COUNT' if counts else 'DISTINCT'}"
    return ""


def _selects(sql: str) -> Iterator[str]:
    """Each SELECT of a statement by itself, the innermost first, with [] for ().

    A subquery is left in the one around it as [LIMITED] or [ALL]. What OR or NOT is about
    bounds nothing, so nothing is compared there.
    """
    sql = _TEXT.sub("''", sql).upper().replace('"', "").replace("`", "")
    while found := _GROUP.search(sql):
        before, inner = sql[: found.start()], found[1]
        if inner.startswith("SELECT "):
            yield inner
            inner = "LIMITED" if _is_limited(inner) else "ALL"
        elif " OR " in inner or before.endswith("NOT "):
            inner = _COMPARISON.sub(" ~ ", inner)
        sql = f"{before}[{inner}]{sql[found.end() :]}"
    yield sql


def _is_limited(select: str) -> bool:
    found = _LIMIT.search(select)
    return found is not None and int(found[1]) <= MOST
