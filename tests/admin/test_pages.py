"""Every page of the admin: how many queries it costs, and that none reads a whole table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from sessions_hub.admin import overview_cache
from sessions_hub.models import Session
from sessions_hub.reporting import overview, unusual
from tests.bounded_sql import FROM_A_ROW_ON, TOKENS_OF_ONE_SESSION, Bound, assert_bounded

from .crowd import Crowd, make_crowd
from .overview_page import TABLES
from .test_users import USERS

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.admin.site"),
    pytest.mark.usefixtures("midday", "few_looked_through"),
]

FEW, MANY = 3, 40
ROOT = "/admin/sessions_hub/"
ADMINS = {
    model._meta.model_name: of_model
    for model, of_model in admin.site._registry.items()
    if model._meta.app_label == "sessions_hub"
}
MODELS = ("session", "device", "authenticationmethod")


@dataclass(frozen=True, slots=True)
class Visit:
    """One way to open a page, and what it may cost.

    `page` is a route of the hub's admins, or begins with / where it is elsewhere. In it, in
    `query` and in the values of `post` stand names of what a Crowd has. An action is taken
    with the sessions of others.
    """

    page: str
    queries: int
    query: str = ""
    post: dict[str, str] | None = None
    status: int = 200
    bounds: tuple[Bound, ...] = ()
    names: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """As pytest names the test."""
        step = "" if self.post is None else " POST " + " ".join(self.post.values())
        page = self.page.replace("<slug:name>", "{name}")
        return f"{page}{self.query}{step}".format_map(_Shown(self.names))

    @property
    def is_done(self) -> bool:
        """Whether something is to have happened: the answer leads away from the form."""
        return self.post is not None and self.status == 302

    def open(self, client: Any, crowd: Crowd) -> Any:
        """The answer to it."""
        model = self.page.partition("/")[0]
        known = asdict(crowd) | self.names
        route = self.page.replace("<path:object_id>", f"{{{model}}}")
        route = route.replace("<slug:name>", "{name}")
        url = f"{'' if route.startswith('/') else ROOT}{route}{self.query}".format_map(known)
        if self.post is None:
            return client.get(url)
        data: dict[str, Any] = {name: value.format_map(known) for name, value in self.post.items()}
        if "action" in data:
            data |= {"_selected_action": crowd.others, "index": "0"}
        return client.post(url, data)


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def each(page: str, *most: int, **more: Any) -> list[Visit]:
    """A page that all three have."""
    return [
        Visit(f"{model}/{page}", queries, **more)
        for model, queries in zip(MODELS, most, strict=True)
    ]


def asked_and_done(page: str, asking: int, doing: int, **post: str) -> list[Visit]:
    """The two steps of an action of the list."""
    asked = Visit(page, asking, "?q={address}", post)
    return [asked, Visit(page, doing, "?q={address}", {**post, "confirmed": "yes"}, status=302)]


ROW = "<path:object_id>"
LIST, END, CSV = "session/", "session/end/", "session/overview/<slug:name>.csv"
IMPERSONATE = "/account/impersonate/{user}/"
OF_A_SESSION, RANGES = (TOKENS_OF_ONE_SESSION,), (FROM_A_ROW_ON,)
# The numbers are those of a superuser, with the three that any page costs: Django's session,
# the hub's, and the user. Of SQLite and PostgreSQL, and of the Djangos, the larger one.
VISITS = (
    *each("", 8, 5, 5),
    *each("", 9, 6, 6, query="?user={user}"),
    *each(f"{ROW}/change/", 17, 7, 7, bounds=OF_A_SESSION),
    *each(f"{ROW}/history/", 9, 6, 6),
    # Django's address of old, which leads to the page.
    *each(f"{ROW}/", 3, 3, 3, status=302),
    # Nobody may.
    *each("add/", 3, 3, 3, status=403),
    *each(f"{ROW}/delete/", 6, 4, 4, status=403),
    *each(f"{ROW}/change/", 11, 8, 9, post={}, status=403, bounds=OF_A_SESSION),
    Visit(f"{LIST}{ROW}/end/", 11),
    Visit(f"{LIST}{ROW}/end/", 22, post={}, status=302),
    Visit(f"{LIST}{ROW}/extend/", 7),
    Visit(f"{LIST}{ROW}/extend/", 7, post={}),
    Visit(f"{LIST}{ROW}/extend/", 19, post={"lifetime": "1209600"}, status=302),
    Visit(END, 9, "?user={user}"),
    Visit(END, 9, "?device={device}"),
    Visit(END, 8, "?network={address}"),
    Visit(END, 16, post={"user": "{user}"}, status=302),
    Visit(END, 16, post={"device": "{device}"}, status=302),
    Visit(END, 15, post={"network": "{address}"}, status=302),
    *asked_and_done(LIST, 14, 25, action="end_selected"),
    *asked_and_done(LIST, 14, 25, action="end_selected", select_across="1"),
    *asked_and_done(LIST, 15, 26, action="end_all_of_users"),
    *asked_and_done(LIST, 15, 26, action="end_all_of_users", select_across="1"),
    Visit("session/overview/", 17, bounds=RANGES),
    Visit("session/overview/", 16, "?tenant=acme", bounds=RANGES),
    *(Visit(CSV, 17, names={"name": name}, bounds=RANGES) for name in sorted(TABLES)),
    # Elsewhere, and led to from here.
    Visit(f"{USERS}{{user}}/change/", 10),
    Visit(IMPERSONATE, 4),
    Visit(IMPERSONATE, 20, post={"reason": "ticket 1"}, status=302),
)


@pytest.fixture
def few_looked_through(monkeypatch):
    """Few sessions are enough for the overview to leave some out."""
    monkeypatch.setattr(overview_cache, "overview", partial(overview, looks_through=8))
    monkeypatch.setattr(unusual, "COMPARED", 2)


def test_every_page_and_every_action_is_in_the_table():
    pages = {f"{name}/{page.pattern}" for name, one in ADMINS.items() for page in one.get_urls()}
    assert {visit.page for visit in VISITS if not visit.page.startswith("/")} == pages
    actions = {action for one in ADMINS.values() for action in one.actions}
    assert {one.post["action"] for one in VISITS if one.post and "action" in one.post} == actions


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_a_page_has_its_price_whatever_there_is_and_reads_no_whole_table(
    superuser, signed_in, visit
):
    written = LogEntry.objects.filter(user=superuser)
    acting = Session.objects.filter(impersonator=superuser)
    costs: list[int] = []
    for size in (FEW, MANY):
        crowd = make_crowd(f"crowd{size}", size, f"192.0.2.{size}")
        # Of its own: one visit leaves it acting as somebody else.
        client = signed_in(superuser)
        cache.clear()
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connections[router.db_for_write(Session)]) as queries:
            assert visit.open(client, crowd).status_code == visit.status
        assert_bounded(queries, *visit.bounds)
        costs.append(len(queries))
        # Not the cost of a refusal.
        assert written.count() + acting.count() == (len(costs) if visit.is_done else 0)
    assert costs[0] == costs[1]
    assert costs[0] <= visit.queries
