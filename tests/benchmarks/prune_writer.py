"""One process that signs people in and uses their sessions while prune.py prunes.

    python -m tests.benchmarks.prune_writer NUMBER INTERVAL

By turns a sign-in (a request to the site that settings.py is told) and a use of a session that
writes: with the hub its own touch, with plain Django a changed value of the session. One every
INTERVAL seconds. A write that takes longer than that would hide those that could not begin
meanwhile, as other visitors' would have: each of them counts with what was left to wait.

Says "ready" and goes on until its input ends. Then prints a JSON object: the `writes`, each
[kind, begin by the monotonic clock, seconds], and the `problems`, in words.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

SIGN_IN, USE = "sign-in", "use"
# How many sessions of its own a writer uses in turn.
POOL = 20


def main(number: int, interval: float) -> None:
    """Write until the input ends."""
    import django

    django.setup()
    from django.apps import apps
    from django.contrib.auth import get_user_model

    from tests.benchmarks.browser import WsgiBrowser
    from tests.benchmarks.jobs import checked, sign_in

    browser = WsgiBrowser()
    users = get_user_model()._default_manager.order_by("pk").values_list("username", flat=True)
    names = list(users[number * 10 : number * 10 + 10])
    cookies = [
        checked(browser.visit([sign_in(names[place % len(names)])]))[0].cookies
        for place in range(POOL)
    ]
    has_hub = apps.is_installed("sessions_hub")
    prepare = _uses_of_the_hub(names) if has_hub else _uses_of_django(cookies)
    visits = [
        (sign_in(name), sign_in(name, _device(jar)))
        for name, jar in zip(names, cookies, strict=False)
    ]

    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    print("ready", flush=True)
    writes: list[tuple[str, float, float]] = []
    problems: list[str] = []
    turn, due = 0, time.monotonic() + interval * number / 4
    while not ended.is_set():
        kind = (SIGN_IN, USE)[turn % 2]
        call: Callable[[], Any]
        time.sleep(max(0.0, due - time.monotonic()))
        begin = time.monotonic()
        try:
            if kind == USE:
                call = prepare(turn // 2)
                begin = time.monotonic()
            else:
                # By turns from a new device, and from one that is known.
                call = partial(_sent, browser, visits[turn // 4 % len(visits)][turn // 2 % 2])
            call()
        except Exception as error:  # noqa: BLE001
            problems.append(f"{kind}: {error!r}")
        end = time.monotonic()
        while begin < end:
            writes.append((kind, begin, end - begin))
            begin += interval
        turn, due = turn + 1, max(due + interval, end)
    print(json.dumps({"writes": writes, "problems": problems}))


def _sent(browser: Any, visit: Any) -> None:
    from tests.benchmarks.jobs import checked

    checked(browser.visit([visit]))


def _device(cookies: dict[str, str]) -> dict[str, str]:
    """The cookies of a browser that comes back signed out."""
    from django.conf import settings

    return {name: one for name, one in cookies.items() if name != settings.SESSION_COOKIE_NAME}


# What gets the n-th use ready, and returns the write itself.
Prepare = Callable[[int], Callable[[], Any]]


def _uses_of_the_hub(names: Sequence[str]) -> Prepare:
    from django.utils import timezone

    from sessions_hub.lifecycle.guard import database
    from sessions_hub.lifecycle.touch import touch
    from sessions_hub.lifecycle.verdicts import fetch_verdict
    from sessions_hub.models import Session

    alias = database()
    # The newest of these users: those this writer has just begun.
    newest = Session.objects.filter(user__username__in=names, ended_at__isnull=True)
    ids = list(newest.order_by("-pk").values_list("pk", flat=True)[:POOL])

    def prepare(turn: int) -> Callable[[], Any]:
        row = fetch_verdict(ids[turn % len(ids)], alias)
        if row is None:
            raise RuntimeError("A live session is gone.")

        def use() -> None:
            if not touch(row, {}, timezone.now()):
                raise RuntimeError("A live session has been ended.")

        return use

    return prepare


def _uses_of_django(cookies: Sequence[dict[str, str]]) -> Prepare:
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore

    keys = [jar[settings.SESSION_COOKIE_NAME] for jar in cookies]

    def prepare(turn: int) -> Callable[[], Any]:
        session = SessionStore(keys[turn % len(keys)])
        if "_auth_user_id" not in session:
            raise RuntimeError("A live session is gone.")
        session["turn"] = turn
        return session.save

    return prepare


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
