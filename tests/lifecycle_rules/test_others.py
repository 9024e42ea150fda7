"""Which of a user's other sessions a sign-in ends, and why."""

from __future__ import annotations

import pytest

from sessions_hub.lifecycle import TooManySessions
from sessions_hub.lifecycle.others import choose


def chosen(live, here=(), **rules):
    rules = {"limit": None, "refuses": False, "ends_all": False, **rules}
    return {reason.value: ids for reason, ids in choose(live, here, **rules) if ids}


@pytest.mark.parametrize(
    ("live", "here", "rules", "ends"),
    [
        ("", "", {"limit": 1}, {}),
        ("ab", "", {"limit": 3}, {}),
        ("abc", "", {"limit": 3}, {"limit": ["a"]}),
        # The limit has been lowered meanwhile.
        ("abcde", "", {"limit": 2}, {"limit": ["a", "b", "c", "d"]}),
        ("abcde", "", {"limit": 1}, {"limit": ["a", "b", "c", "d", "e"]}),
        ("abc", "", {}, {}),
        ("abc", "b", {}, {"replaced": ["b"]}),
        # What is replaced makes room.
        ("abc", "c", {"limit": 3}, {"replaced": ["c"]}),
        ("abc", "c", {"limit": 2}, {"replaced": ["c"], "limit": ["a"]}),
        ("abc", "c", {"limit": 3, "refuses": True}, {"replaced": ["c"]}),
        ("ab", "", {"limit": 3, "refuses": True}, {}),
        ("abc", "b", {"ends_all": True}, {"revoked_by_policy": ["a", "b", "c"]}),
        ("abc", "", {"ends_all": True, "limit": 1, "refuses": True},
         {"revoked_by_policy": ["a", "b", "c"]}),
    ],
)  # fmt: skip
def test_the_oldest_go_first(live, here, rules, ends):
    assert chosen(list(live), list(here), **rules) == ends


@pytest.mark.parametrize(
    ("live", "here", "limit"), [("abc", "", 3), ("abcd", "d", 3), ("a", "", 1)]
)
def test_one_too_many_is_refused_where_told(live, here, limit):
    with pytest.raises(TooManySessions):
        chosen(list(live), list(here), limit=limit, refuses=True)
