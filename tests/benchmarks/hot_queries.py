"""The calls whose cost must not grow with the table: the product's own functions and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from sessions_hub.lifecycle import others, prune, staff
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.lifecycle.tokens import start_token_session
from sessions_hub.lifecycle.verdicts import fetch_verdict
from sessions_hub.models import Session
from sessions_hub.reporting import Span, overview
from sessions_hub.understanding.methods import MethodClaim
from tests.benchmarks.admin import Pages, cases
from tests.benchmarks.seed import heavy_user, light_user

Call = Callable[[], Any]
PROOF = MethodClaim(method="password")
STAFF_FILTERS = (
    "", "status=active", "status=expired", "status=revoked", "user={heavy}",
    "user={heavy}&status=active", "ip=198.18.0.1", "network=198.18.0.0/28",
    "network=198.19.0.0/16", "session_type=api_key", "country_code=DE", "country_code=NR",
    "country_code=NR&status=active", "os_code=PS3", "method=saml", "assurance_level=aal3",
    "tenant_id=tiny",
)  # fmt: skip
BATCH = 500


class Hot:
    """The hot calls on a filled database. Whoever asks has been made and committed before."""

    def __init__(self, users: int) -> None:
        self.now = timezone.now()
        get_user_model()._default_manager.filter(username__startswith="scale-").delete()
        self.heavy = get_user_model()._default_manager.get(pk=heavy_user(users))
        self.light = get_user_model()._default_manager.get(pk=light_user(users))
        self.staff = get_user_model()._default_manager.create_user("scale-staff", is_staff=True)
        self.staff.user_permissions.add(
            *Permission.objects.filter(content_type__app_label="sessions_hub")
        )
        self.pages = Pages()
        self.clients = {
            user.pk: self._client(user) for user in (self.heavy, self.light, self.staff)
        }

    def calls(self) -> Iterator[tuple[str, Call]]:
        """Name and call of each. Every call runs in a transaction that is taken back."""
        some = Session.objects.order_by("-pk").values_list("pk", flat=True)[1000]
        yield "verdict by primary key", lambda: fetch_verdict(some, database())
        yield "sign-in of a program", lambda: self._sign_in(self.light)
        for name, user in (("5", self.light), ("10,000", self.heavy)):
            yield f"own list, {name} sessions", self._get(user, "/api/sessions/")
            path = "/api/sessions/?status=active"
            yield f"own list, active of {name}", self._get(user, path)
        for query in STAFF_FILTERS:
            asked = query.format(heavy=self.heavy.pk)
            name = asked.replace(str(self.heavy.pk), "of 10,000")
            yield (
                f"API staff list, {name or 'all'}",
                self._get(self.staff, f"/api/staff/sessions/?{asked}"),
            )
        path = "/api/staff/authentication-methods/?method=saml"
        yield "API staff list of proofs, method=saml", self._get(self.staff, path)
        yield from self._admin()
        yield "limit of 10, 10,000 sessions", lambda: self._limited(self.heavy)
        yield "limit of 1, 5 sessions", lambda: self._limited(self.light, 1)
        yield "end by staff, 500 of a country", lambda: self._end({"country_code": "DE"})
        yield "end by staff, one user's", lambda: self._end({"user": self.heavy.pk})
        for name, user in (("5", self.light), ("10,000", self.heavy)):
            mine = Session.objects.for_user(user)
            yield f"end all of a user with {name}", partial(mine.end, "signed_out")
        yield "prune: stamp 500 expired", lambda: next(prune.stamp_expired(self.now))
        yield (
            "prune: delete 500 old",
            lambda: next(prune.delete_ended(self.now, Retention(default=timedelta(days=365)))),
        )
        for days in (7, 30, 366):
            yield f"overview of {days} days", self._overview(days)

    def _client(self, user: Any) -> Client:
        issued = start_token_session(user, [PROOF], scopes=["sessions:read", "staff"], now=self.now)
        return Client(headers={"Authorization": f"Bearer {issued.secret}"})

    def _get(self, user: Any, path: str) -> Call:
        def get() -> None:
            response = self.clients[user.pk].get(path)
            if response.status_code != 200:
                raise SystemExit(f"{path}: {response.status_code} {response.content[:300]!r}")

        return get

    def _admin(self) -> Iterator[tuple[str, Call]]:
        """Each filter of the session list by its first and last choice, searches, and mixtures."""
        wanted = [one for one in cases() if one[0] == "session"]
        by_filter: dict[str, list[tuple[str, dict[str, str]]]] = {}
        for _model, label, query in wanted:
            key = label if len(query) != 1 or "q" in query else next(iter(query))
            by_filter.setdefault(key, []).append((label, query))
        for found in by_filter.values():
            for label, query in dict((found[0], found[-1])).items():
                # A count of the table is in the label, and would make two rows of one.
                name = label.partition(" of ")[0] if "older" in label else label
                yield f"admin, {name}".replace("user 1", "10,000"), self._page(self._heavy(query))

    def _heavy(self, query: dict[str, str]) -> dict[str, str]:
        """Of the user whose number of sessions does not grow with the table: user 1's does."""
        name = self.heavy.get_username()
        names = {"user": str(self.heavy.pk), "q": query.get("q", "").replace("user1", name)}
        return {key: names.get(key, value) for key, value in query.items()}

    def _page(self, query: dict[str, str]) -> Call:
        return lambda: self.pages.milliseconds(self.pages.hub, "session", query)

    def _sign_in(self, user: Any) -> None:
        start_token_session(user, [PROOF], now=self.now)

    def _limited(self, user: Any, limit: int = 10) -> None:
        newest = Session.objects.filter(user=user).select_related("user").latest("pk")
        with override_settings(SESSIONS_HUB_MAX_SESSIONS=limit):
            others.lock_user(user, database())
            others.end_others(newest, None, self.now, database())

    def _end(self, wanted: dict[str, Any]) -> None:
        staff.end_matching(
            wanted, staff.Actor(self.staff), except_for=None, limit=BATCH, now=self.now
        )

    def _overview(self, days: int) -> Call:
        last = self.now.date() - timedelta(days=1)
        span = Span(last - timedelta(days=days - 1), last, self.now.tzinfo or timezone.utc)
        return lambda: overview(Session.objects.all(), span, self.now, is_all=True)


def users_of(count: int) -> int:
    """How many users `seed.py` makes for so many sessions."""
    return max(1, count // 20)
