"""Fills a database with eight weeks of sign-ins that never happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.models import Permission, User
from django.db import router, transaction

from example_project.demo.accounts import NAMES
from example_project.demo.draw import Draw
from example_project.demo.problems import DemoError
from sessions_hub.models import Session

from . import staff
from .life import Life
from .people import PREFIX, STAFF, Person, people_of
from .programs import make_key
from .rhythm import start_of
from .rows import Rows
from .sitting import Sitting

SESSIONS = 4000
# So many sessions has a person; so many people there are at least and at most.
_EACH, _FEWEST, _MOST = 16, 12, 999
_HAS_KEY = 0.05
_ACTS = 0.3
# Somebody who tries names and passwords one night: how many, of a thousand sign-ins, and when.
_TRIES, _TRIED_AGO = 60, timedelta(days=19, hours=9)


@dataclass(frozen=True, slots=True)
class Filled:
    """How much was written; nothing where there was a history already."""

    users: int
    sessions: int


def fill(
    now: datetime, *, seed: int = 1, sessions: int = SESSIONS, beside_others: bool = False
) -> Filled:
    """Write the eight weeks before `now`: about so many sessions, of users made for them.

    The same seed and `now` make the same rows in an empty database of a site with the same
    SECRET_KEY. A second history is not written beside a first. Raises DemoError where there
    are users who are not the demo's, unless `beside_others`; nothing is written then.
    """
    if User.objects.filter(username__startswith=PREFIX).exists():
        return Filled(0, 0)
    strangers = User.objects.exclude(username__in=NAMES)
    if not beside_others and (one := strangers.first()) is not None:
        raise DemoError(
            f"This database has {strangers.count()} users of its own, such as "
            f"{one.username!r}; made-up people would stand among them. Nothing was changed. "
            "Name an empty database, or say --beside-others."
        )
    with transaction.atomic(using=router.db_for_write(Session)):
        people = people_of(_make_users(now, seed, sessions), now, seed)
        rows = _rows_of(people, now, seed, sessions)
        rows.store()
    return Filled(len(people), len(rows.sessions))


def _make_users(now: datetime, seed: int, sessions: int) -> list[User]:
    numbers = Random(f"{seed}/users")
    count = max(_FEWEST, min(sessions // _EACH, _MOST))
    users = [
        User(
            username=f"{PREFIX}{number:03d}",
            first_name="Made up",
            last_name=f"{number:03d}",
            email=f"{PREFIX}{number:03d}@example.com",
            # One that no password matches, as set_unusable_password() makes them.
            password=f"!{numbers.getrandbits(200):050x}",
            is_staff=number <= STAFF,
            date_joined=start_of(now),
        )
        for number in range(1, count + 1)
    ]
    User.objects.bulk_create(users)
    # Not every database tells the keys of rows that were made together.
    users = list(User.objects.filter(username__startswith=PREFIX).order_by("username"))
    allowed = Permission.objects.filter(
        content_type__app_label="sessions_hub", codename__in=["view_session", "impersonate_user"]
    )
    for user in users[:STAFF]:
        user.user_permissions.set(allowed)
    return users


def _rows_of(people: list[Person], now: datetime, seed: int, sessions: int) -> Rows:
    rows = Rows(Random(f"{seed}/ids"))
    administrators = [person.user for person in people[:STAFF]]
    weights = sum(person.weight for person in people)
    own: list[Sitting] = []
    for person in people:
        life = Life(person, rows, administrators, now)
        life.live(round(sessions * person.weight / weights))
        if person.user.is_staff:
            own += life.sittings
        elif person.gone_at is None and person.draw.happens(_HAS_KEY):
            make_key(person, rows, now)
    draw = Draw(Random(f"{seed}/acting"))
    for sitting in own:
        if draw.happens(_ACTS):
            staff.act_as(sitting, draw.numbers.choice(people[STAFF:]), draw, now)
    for _ in range(_TRIES * sessions // 1000):
        rows.fail(now - _TRIED_AGO + draw.numbers.random() * timedelta(hours=2))
    gone = [person.user.pk for person in people if person.gone_at is not None]
    User.objects.filter(pk__in=gone).update(is_active=False)
    return rows
