"""What a worker can be asked to do: the rows of the benchmarks, by their keys.

Imported once Django is set up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.benchmarks.browser import ADDRESS, Answer, AsgiBrowser, Visit, WsgiBrowser
from tests.benchmarks.variants import Variant

PASSWORD = "correct horse"
POOL = 10
LIVE_SESSIONS = 101
ROW_STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


class Requests:
    """Requests of a visitor who is signed in, or is not."""

    def __init__(self, one: Variant) -> None:
        self.wsgi, self.asgi = WsgiBrowser(), AsgiBrowser()
        add_users("ada")
        signed_in = checked(self.wsgi.visit([sign_in("ada")]))[0].cookies
        cart = checked(self.wsgi.visit([Visit("/fill-cart/")]))[0].cookies
        self.rows: dict[str, tuple[WsgiBrowser | AsgiBrowser, Visit]] = {
            "anonymous": (self.wsgi, Visit("/public/")),
            "cart": (self.wsgi, Visit("/public/", cart)),
            "unread": (self.wsgi, Visit("/public/", signed_in)),
            "read": (self.wsgi, Visit("/whoami/", signed_in)),
            "anonymous-asgi": (self.asgi, Visit("/apublic/")),
            "read-asgi": (self.asgi, Visit("/awhoami/", signed_in)),
        }
        for browser, visit in self.rows.values():
            browser.visit([visit] * 20)

    def block(self, row: str, n: int) -> list[int]:
        """Nanoseconds of each of `n` requests."""
        browser, visit = self.rows[row]
        return [answer.nanoseconds for answer in browser.visit([visit] * n)]

    def count(self, row: str) -> dict[str, Any]:
        """Statements and the Vary header of one request."""
        browser, visit = self.rows[row]
        # On a busy machine a minute passes before all workers are ready: the touch of that
        # minute and a verdict that has left the cache are not of the request that is counted.
        checked(browser.visit([visit]))
        captured = _Statements()
        if isinstance(browser, AsgiBrowser):
            # Where an async request's queries run.
            browser.call(sync_to_async(captured.start)())
            answers = browser.visit([visit])
            browser.call(sync_to_async(captured.stop)())
        else:
            captured.start()
            answers = browser.visit([visit])
            captured.stop()
        return captured.summary() | {"vary": checked(answers)[0].vary}

    def close(self) -> None:
        self.asgi.call(sync_to_async(connections.close_all)())


class Visits:
    """Rows of requests, each with something of its own that it changes and that is put back."""

    def __init__(self) -> None:
        self.wsgi = WsgiBrowser()
        self.rows: dict[str, list[Visit]] = {}
        # What the requests of a row are answered with, where it is not 200.
        self.statuses: Mapping[str, int] = {}

    def block(self, row: str, n: int) -> list[int]:
        """Nanoseconds of each of `n` requests, at most as many as the row has at once."""
        visits = self.rows[row]
        spent: list[int] = []
        while len(spent) < n:
            answers = self._answers(row, visits[: n - len(spent)])
            spent += [answer.nanoseconds for answer in answers]
            self.restore(row)
        return spent

    def count(self, row: str) -> dict[str, Any]:
        """Statements of one request."""
        captured = _Statements()
        captured.start()
        self._answers(row, self.rows[row][:1])
        captured.stop()
        self.restore(row)
        return captured.summary() | {"vary": ""}

    def restore(self, row: str) -> None:
        """Make what the requests of a row have changed as it was."""
        raise NotImplementedError

    def close(self) -> None:
        pass

    def _answers(self, row: str, visits: Sequence[Visit]) -> Sequence[Answer]:
        return checked(self.wsgi.visit(visits), self.statuses.get(row, 200))


class Logins(Visits):
    """Sign-ins: of new and of known devices, and of a user with many live sessions.

    Every sign-in of a block is another user's, so that the number of live
    sessions stays what the row says; afterwards the rows it left are deleted.
    """

    def __init__(self, one: Variant) -> None:
        super().__init__()
        self.models = [apps.get_model(name) for name in (one.session_model, *one.models)]
        names = {kind: [f"{kind}{i}" for i in range(POOL)] for kind in ("new", "known")}
        add_users("crowded", *names["new"], *names["known"])
        self.rows = {"new": [sign_in(name) for name in names["new"]]}
        self.rows["known"] = [sign_in_again(self.wsgi, name) for name in names["known"]]
        for model in self.models:
            if model._meta.model_name != "device":
                model._base_manager.all().delete()
        cookies: dict[str, str] = {}
        for _ in range(LIVE_SESSIONS):
            cookies |= checked(self.wsgi.visit([sign_in("crowded", cookies, seed=True)]))[0].cookies
            cookies.pop(settings.SESSION_COOKIE_NAME)
        self.rows["crowded"] = [sign_in("crowded", cookies)]
        analyze()
        self.kept = {
            model: list(model._base_manager.values_list("pk", flat=True)) for model in self.models
        }
        for row in self.rows:
            self.block(row, POOL if row != "crowded" else 1)

    def restore(self, row: str) -> None:
        for model in self.models:
            model._base_manager.exclude(pk__in=self.kept[model]).delete()


class _Statements:
    """The statements of this thread's connection between two calls."""

    def start(self) -> None:
        self.captured = CaptureQueriesContext(connections["default"])
        self.captured.__enter__()

    def stop(self) -> None:
        self.captured.__exit__(None, None, None)

    def summary(self) -> dict[str, Any]:
        """Statements about rows, and those about transactions and settings."""
        texts = [query["sql"] for query in self.captured.captured_queries]
        statements = [sql for text in texts for sql in apart(text)]
        rows = [sql for sql in statements if is_row_statement(sql)]
        return {"rows": len(rows), "others": len(statements) - len(rows), "sql": statements}


def is_row_statement(sql: str) -> bool:
    """Whether a statement reads or writes a table; "SELECT set_config(…)" does not."""
    # PostgreSQL's unions begin with a bracket.
    words = sql.upper().lstrip("(").split()
    return words[0] in ROW_STATEMENTS and (words[0] != "SELECT" or "FROM" in words)


def apart(text: str) -> list[str]:
    """The statements of one text: a setting can be sent along with what it is for."""
    setting, semicolon, rest = text.partition("; ")
    return [setting, rest] if semicolon and setting.upper().startswith("SET ") else [text]


def add_users(*names: str) -> None:
    for name in names:
        get_user_model()._default_manager.create_user(
            name, email=f"{name}@example.com", password=PASSWORD
        )


def analyze() -> None:
    """Let the database know how many rows there are by now."""
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")


def sign_in(
    name: str,
    cookies: dict[str, str] | None = None,
    *,
    seed: bool = False,
    address: str = ADDRESS,
) -> Visit:
    """A posted sign-in form."""
    body = urlencode({"username": name, "password": PASSWORD}).encode()
    return Visit("/sign-in/", dict(cookies or {}), body, "seed=1" if seed else "", address)


def sign_in_again(wsgi: WsgiBrowser, name: str) -> Visit:
    """A sign-in from the device of one that is made here and now."""
    cookies = checked(wsgi.visit([sign_in(name)]))[0].cookies
    cookies.pop(settings.SESSION_COOKIE_NAME)
    return sign_in(name, cookies)


def checked(answers: Sequence[Answer], status: int = 200) -> Sequence[Answer]:
    """The answers, all of them 200 or as expected: nothing is slower than one of errors."""
    for answer in answers:
        if answer.status != status:
            raise RuntimeError(f"The site answered {answer.status}.")
    return answers
