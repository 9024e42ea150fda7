"""What the people of the history do: sign in, use their sessions, travel, and leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from sessions_hub.lifecycle import kinds
from sessions_hub.lifecycle.digests import DEVICE, digest
from sessions_hub.models import Device, EndReason, Session
from sessions_hub.understanding.methods import MethodClaim

from . import proving, staff
from .clients import DESK, PHONE, STRANGER, TABLET
from .people import HOMES, STRICT, Cut, Machine, Person
from .rhythm import moments
from .rows import Rows
from .sitting import AGE, Sitting, Where

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# How many addresses of a town's smallest network may be drawn.
_ADDRESSES = 62
# As on a site that lets a person have so many sessions, and ends the oldest.
_MOST, _IS_LIMITED = 4, 0.1

# How often a password is mistyped before it is right.
_MISTYPED = {0: 90, 1: 7, 2: 2, 3: 1}

# What becomes of a session if nothing else ends it first.
LEAVES: Mapping[str, Mapping[str, float]] = {
    DESK: {"signs_out": 47, "stays": 42, "user": 6, "policy": 1.5, "staff": 0.5, "replaced": 3},
    PHONE: {"signs_out": 12, "stays": 79, "user": 7, "policy": 1, "staff": 0.5, "replaced": 0.5},
    TABLET: {"signs_out": 18, "stays": 70, "user": 4, "policy": 1, "staff": 0, "replaced": 7},
}
_REASONS = {
    "signs_out": EndReason.SIGNED_OUT,
    "user": EndReason.REVOKED_BY_USER,
    "policy": EndReason.REVOKED_BY_POLICY,
    "staff": EndReason.REVOKED_BY_STAFF,
    "replaced": EndReason.REPLACED,
}


class Life:
    """One person through the weeks; `sittings` are the sessions they had."""

    def __init__(self, person: Person, rows: Rows, administrators: list[User], now: datetime):
        self.person = person
        self.draw = person.draw
        self.rows = rows
        self.administrators = administrators
        self.now = now
        self.sittings: list[Sitting] = []
        self._devices: dict[Machine, Device] = {}
        self._is_limited = self.draw.happens(_IS_LIMITED)
        # The site prunes once a day, in the night: what ended by a limit is noticed then.
        pruned = now.replace(hour=3, minute=10, second=0, microsecond=0)
        self.pruned_at = pruned if pruned <= now else pruned - _DAY

    def live(self, count: int) -> None:
        """Sign in about `count` times, and live each session to its end or to now."""
        visits = self._visits(count)
        for number, (at, machine) in enumerate(visits):
            cuts = [cut for cut in self.person.cuts if cut.machine in (None, machine)]
            if self._is_limited and number + _MOST < len(visits):
                cuts.append(Cut(visits[number + _MOST][0], EndReason.LIMIT))
            cuts = sorted((cut for cut in cuts if cut.at > at), key=lambda cut: cut.at)
            self._visit(at, machine, cuts[0] if cuts else None)
        if self.person.intruded_at is not None:
            self._intrude(self.person.intruded_at)
        if self.person.password_changed_at is not None:
            self._recover(self.person.password_changed_at)

    def _visits(self, count: int) -> list[tuple[datetime, Machine]]:
        person, found = self.person, []
        forms = self.draw.of({DESK: 58, PHONE: 35, TABLET: 7}, count)
        for form in (DESK, PHONE, TABLET):
            for at in moments(self.draw, form, person.zone, self.now, forms.count(form)):
                here = [one for one in person.machines if one.since <= at < one.until]
                fitting = [one for one in here if one.kind.form == form] or here
                if fitting and (person.gone_at is None or at < person.gone_at):
                    found.append((at, self.draw.numbers.choice(fitting)))
        return sorted(found, key=lambda visit: visit[0])

    def _visit(self, at: datetime, machine: Machine, cut: Cut | None) -> None:
        claim = proving.first(self.person.style, self.person.number)
        if claim == proving.PASSWORD:
            for again in range(self.draw.one(_MISTYPED)):
                self.rows.fail(at - (again + 1) * _MINUTE / 4)
        sitting = self._sign_in(at, machine, [claim])
        plan = self.draw.one(LEAVES[machine.kind.form])
        leaves = at + self._length(plan)
        stop = min(self.now, cut.at) if cut is not None else self.now
        deeds = self._deeds(sitting, machine, leaves)
        if (second := proving.second(self.person.style, self.draw)) is not None:
            deeds.append((at + second[0], lambda at: sitting.prove([second[1]], at)))
        for moment, deed in sorted(deeds, key=lambda one: one[0]):
            # A limit may have come nearer, or gone further, by what was done before.
            if moment < min(stop, sitting.limit):
                deed(moment)
        self._finish(sitting, plan, cut)

    def _length(self, plan: str) -> timedelta:
        """How long a session is used."""
        numbers = self.draw.numbers
        if plan == "stays":
            return min(numbers.expovariate(1 / 4.5) * _DAY, 13 * _DAY) + _MINUTE
        return min(numbers.lognormvariate(3.6, 1.1), 600) * _MINUTE + _MINUTE

    def _deeds(
        self, sitting: Sitting, machine: Machine, leaves: datetime
    ) -> list[tuple[datetime, Callable[[datetime], object]]]:
        """What is done in a session after the sign-in, each at its moment."""
        draw, begun = self.draw, sitting.session.issued_at
        deeds: list[tuple[datetime, Callable[[datetime], object]]] = []

        def sometime() -> datetime:
            return begun + (leaves - begun) * draw.numbers.uniform(0.1, 1)

        at, steps = begun, 0
        # Where an idle limit holds, people are seen often enough while they work.
        while sitting.profile == "nist" and at < leaves and steps < 40:
            at, steps = at + draw.numbers.uniform(5, 55) * _MINUTE, steps + 1
            deeds.append((min(at, leaves), sitting.use))
        deeds.append((leaves, lambda at: sitting.see(self._where(machine, at), at)))
        if machine.kind.form == PHONE:
            for _ in range(draw.one({0: 55, 1: 28, 2: 12, 3: 5})):
                deeds.append(
                    (sometime(), lambda at: sitting.see(self._where(machine, at, roams=True), at))
                )
        style = self.person.style
        if style in proving.STEP_UP and draw.happens(0.07):
            claim = proving.STEP_UP[style]
            deeds.append((sometime(), lambda at: sitting.prove([claim], at)))
        elif style in ("password", "totp") and draw.happens(0.05):
            deeds.append((sometime(), lambda at: sitting.prove([proving.PASSWORD], at)))
        if draw.happens(0.03):
            deeds.append((sometime(), sitting.extend))
        elif draw.happens(0.01):
            actor = draw.numbers.choice(self.administrators)
            deeds.append((sometime(), lambda at: staff.extend(sitting, actor, at)))
        return deeds

    def _finish(self, sitting: Sitting, plan: str, cut: Cut | None) -> None:
        """End the session by whatever comes first, if that is before now."""
        ends: list[tuple[datetime, EndReason, User | None]] = []
        user, draw = self.person.user, self.draw
        last_used = sitting.session.last_used_at
        administrator = draw.numbers.choice(self.administrators)
        if plan != "stays":
            # Others than the session's own browser end it some time after its last use.
            later = _MINUTE / 30 if plan == "signs_out" else draw.numbers.random() * 2 * _DAY
            by = {"user": user, "staff": administrator}.get(plan)
            ends.append((last_used + later, _REASONS[plan], by))
        if cut is not None:
            by = user if cut.reason is EndReason.DEVICE_FORGOTTEN else None
            ends.append((cut.at, cut.reason, administrator if cut.is_by_staff else by))
        at, reason, by = min(ends, key=lambda end: end[0], default=(self.now, None, None))
        if sitting.limit <= min(at, self.now):
            is_noticed = sitting.limit < self.pruned_at
            # By the first prune after it.
            days = -((sitting.limit - self.pruned_at) // _DAY) - 1
            noticed_at = self.pruned_at - days * _DAY if is_noticed else None
            sitting.end_by_limit(self.now, noticed_at=noticed_at)
        elif reason is not None and at <= self.now:
            sitting.end(at, reason, by)

    def _sign_in(
        self, at: datetime, machine: Machine, claims: list[MethodClaim], where: Where | None = None
    ) -> Sitting:
        person = self.person
        sitting = Sitting(
            self.rows,
            Session(
                user=person.user,
                issued_at=at,
                tenant_id=person.tenant,
                session_type=kinds.type_of_proofs([claim.method for claim in claims]),
                credentials_digest=person.credentials_at(at),
            ),
            self._device(machine, at),
            profile="nist" if person.tenant == STRICT else "django",
            age=AGE,
        )
        sitting.begin(where or self._where(machine, at), claims)
        self.sittings.append(sitting)
        return sitting

    def _device(self, machine: Machine, at: datetime) -> Device:
        if machine not in self._devices:
            draw, user = self.draw, self.person.user
            first = at
            if machine.is_old:
                first = machine.since - draw.numbers.uniform(1, 200) * _DAY
            lost = machine.forgotten_at
            key = f"made-up-{user.username}-{machine.number}"
            self._devices[machine] = Device(
                id=self.rows.id_at(first),
                user=user,
                key_digest=None if lost else digest(DEVICE, str(user.pk), key),
                first_seen_at=first,
                last_seen_at=first,
                forgotten_at=lost,
                trusted_at=first + _HOUR if lost is None and draw.happens(0.15) else None,
                name=draw.numbers.choice(["Office", "Home", "Mine"]) if draw.happens(0.1) else "",
            )
            self.rows.devices.append(self._devices[machine])
        return self._devices[machine]

    def _where(self, machine: Machine, at: datetime, *, roams: bool = False) -> Where:
        """The machine in the town of that day; phones have another address outside."""
        numbers, number = self.draw.numbers, self.person.number
        town = self.person.town_at(at)
        roams = roams or town is not self.person.home
        if ":" in town.network:
            # A network of one's own at home, and one of many outside.
            network = numbers.randrange(0x8000, 0xFFFF) if roams else 1 + number
            address = network << 64 | 1
        else:
            address = 1 + (numbers.randrange(_ADDRESSES) if roams else number * 7 % _ADDRESSES)
        return Where(machine.agent(at, self.now), town, town.address(address))

    def _intrude(self, at: datetime) -> None:
        """Somebody else signs in with the person's password; the person ends that session."""
        towns = [
            town for town in HOMES if town.country_code != self.person.town_at(at).country_code
        ]
        stranger = Machine(99, STRANGER, at, self.now, False, timedelta(0))
        where = Where(STRANGER.releases[0], self.draw.numbers.choice(towns), "")
        where = replace(where, address=where.town.address(_ADDRESSES - 1))
        sitting = self._sign_in(at, stranger, [proving.PASSWORD], where)
        noticed_at = self.person.password_changed_at or self.now
        sitting.end(min(noticed_at, self.now), EndReason.COMPROMISED, self.person.user)

    def _recover(self, at: datetime) -> None:
        """Come back by the link that a new password was set with."""
        machines = [one for one in self.person.machines if one.since <= at < one.until]
        back_at = at + _MINUTE / 3
        if machines and back_at < self.now:
            sitting = self._sign_in(back_at, machines[0], [proving.RECOVERY])
            sitting.use(min(back_at + 4 * _MINUTE, self.now))
            self._finish(sitting, "signs_out", None)
