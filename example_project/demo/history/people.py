"""The people of the history: where they live, what they use, what happens to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from example_project.demo import towns
from example_project.demo.agents import Agent
from example_project.demo.draw import Draw
from example_project.demo.towns import Town
from sessions_hub.lifecycle.digests import CREDENTIALS, digest
from sessions_hub.models import EndReason

from .clients import DESK, PHONE, SHARES, TABLET, Kind
from .rhythm import WEEKS, start_of

PREFIX = "demo-user-"
STAFF = 4
_DAY = timedelta(days=1)

HOMES: Mapping[Town, float] = {
    towns.NEW_YORK: 15, towns.SAN_FRANCISCO: 9, towns.BERLIN: 16, towns.LONDON: 12,
    towns.PARIS: 9, towns.MUMBAI: 9, towns.SAO_PAULO: 7, towns.AMSTERDAM: 5, towns.TOKYO: 4,
    towns.OSAKA: 2, towns.MADRID: 4, towns.MILAN: 3, towns.WARSAW: 3, towns.TORONTO: 3,
    towns.ISTANBUL: 2.5, towns.MEXICO_CITY: 2, towns.NAIROBI: 2, towns.LAGOS: 1.5,
    towns.SYDNEY: 1.5, towns.SINGAPORE: 1.2, towns.BUENOS_AIRES: 1, towns.CAPE_TOWN: 0.8,
    towns.MOMBASA: 0.5, towns.VALLETTA: 0.5,
}  # fmt: skip
TENANTS = {"orchard": 45, "harbour": 30, "": 15, "lighthouse": 10}
# Held to the limits of NIST SP 800-63B-4.
STRICT = "lighthouse"
STYLES = {"password": 42, "totp": 20, "oidc": 17, "passkey": 14, "security-key": 4, "link": 3}


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """A browser on a computer or phone of one person, from `since` until `until`."""

    number: int
    kind: Kind
    since: datetime
    until: datetime
    # Used before the history begins.
    is_old: bool
    lag: timedelta
    forgotten_at: datetime | None = None

    def agent(self, moment: datetime, now: datetime) -> Agent:
        """What its browser is at that moment."""
        return self.kind.at(moment, now, self.lag)


@dataclass(frozen=True, slots=True)
class Cut:
    """What ends all open sessions of a person, or those on one machine."""

    at: datetime
    reason: EndReason
    is_by_staff: bool = False
    machine: Machine | None = None


@dataclass(slots=True)
class Person:
    """One person, and what is going to happen to them."""

    number: int
    user: User
    draw: Draw
    home: Town
    tenant: str
    style: str
    weight: float
    machines: list[Machine] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    trip: tuple[datetime, datetime, Town] | None = None
    password_changed_at: datetime | None = None
    intruded_at: datetime | None = None
    gone_at: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone at home."""
        return ZoneInfo(self.home.time_zone)

    def town_at(self, moment: datetime) -> Town:
        """Where the person is."""
        if self.trip is not None and self.trip[0] <= moment < self.trip[1]:
            return self.trip[2]
        return self.home

    def credentials_at(self, moment: datetime) -> str:
        """The digest of the password that a session beginning then rests on."""
        changed = self.password_changed_at
        if changed is not None and moment < changed:
            return digest(CREDENTIALS, f"made up, before {self.user.username} changed it")
        return digest(CREDENTIALS, self.user.get_session_auth_hash())


def people_of(users: list[User], now: datetime, seed: int) -> list[Person]:
    """A person for each user; the first few are staff."""
    return [
        _person(number, user, Draw(Random(f"{seed}/{number}")), now)
        for number, user in enumerate(users)
    ]


def _person(number: int, user: User, draw: Draw, now: datetime) -> Person:
    numbers = draw.numbers
    person = Person(
        number=number,
        user=user,
        draw=draw,
        home=draw.one(HOMES),
        tenant=draw.one(TENANTS),
        style=draw.one(STYLES),
        weight=numbers.lognormvariate(0, 0.7),
    )
    if user.is_staff:
        person.style, person.tenant, person.weight = "totp", "", 2.5
    start = start_of(now)
    # Three in ten joined while the history lasts.
    joined = start + numbers.random() * WEEKS * 7 * _DAY if draw.happens(0.3) else start
    _give_machines(person, joined, now)
    if draw.happens(0.2):
        leaves = start + numbers.uniform(2, WEEKS * 7 - 3) * _DAY
        others = {town: share for town, share in HOMES.items() if town is not person.home}
        person.trip = (leaves, leaves + numbers.uniform(2, 9) * _DAY, draw.one(others))
    if not user.is_staff:
        _give_fate(person, joined, now)
    return person


def _give_machines(person: Person, joined: datetime, now: datetime) -> None:
    draw, start = person.draw, start_of(now)

    def add(form: str, since: datetime, until: datetime, lost: datetime | None = None) -> None:
        kind = draw.one(SHARES[form])
        lag = timedelta(days=draw.numbers.expovariate(1 / (4 if form == DESK else 9)))
        is_old = since == start
        machine = Machine(len(person.machines), kind, since, until, is_old, lag, lost)
        person.machines.append(machine)
        if lost is not None:
            person.cuts.append(Cut(lost, EndReason.DEVICE_FORGOTTEN, machine=machine))

    add(DESK, joined, now)
    if draw.happens(0.85):
        changes = joined + (now - joined) * draw.numbers.uniform(0.2, 0.9)
        # A new phone: the old one is lost, or left in a drawer.
        if draw.happens(0.18):
            add(PHONE, joined, changes, changes if draw.happens(0.4) else None)
            add(PHONE, changes, now)
        else:
            add(PHONE, joined, now)
    for form, chance in ((DESK, 0.2), (TABLET, 0.15)):
        if draw.happens(chance):
            add(form, joined + (now - joined) * draw.numbers.random() ** 2 * 0.9, now)


def _give_fate(person: Person, joined: datetime, now: datetime) -> None:
    draw = person.draw
    at = joined + (now - joined) * draw.numbers.uniform(0.3, 0.95)
    match draw.one({"": 86, "password": 8, "intruder": 3, "disabled": 3}):
        case "intruder" if person.style == "password":
            # Noticed by the owner, who ends what is not theirs and changes the password.
            person.intruded_at = at - timedelta(minutes=draw.numbers.uniform(20, 400))
            person.password_changed_at = at
            person.cuts.append(Cut(at, EndReason.CREDENTIALS_CHANGED))
        case "password" | "intruder":
            person.password_changed_at = at
            person.cuts.append(Cut(at, EndReason.CREDENTIALS_CHANGED))
        case "disabled":
            person.gone_at = at
            person.cuts.append(Cut(at, EndReason.USER_DISABLED, is_by_staff=True))
