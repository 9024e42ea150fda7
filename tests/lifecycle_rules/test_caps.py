"""No sequence of use, extension or lone factors takes a session past its cap.

The cap counts from the last full re-authentication (NIST SP 800-63B-4 §5.2, ASVS 7.3.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sessions_hub.lifecycle.assurance import level_of_all
from sessions_hub.lifecycle.kinds import type_after, type_of_proofs
from sessions_hub.lifecycle.policy import (
    Expiry,
    Verdict,
    evaluate,
    expiry,
    extension,
    idle_expiry,
    is_full,
    limits_for,
)
from sessions_hub.models import SessionType
from sessions_hub.understanding.methods import MethodClaim
from tests.factories import NOW

ages = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=800))
steps = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2))
METHODS = ["password", "totp", "passkey", "code", "magic_link", "sms", "unknown"]


@dataclass
class Row:
    session_type: str
    methods: set[str]
    fully_authenticated_at: datetime
    expires_at: datetime = NOW
    idle_timeout: timedelta | None = None
    idle_expires_at: datetime = NOW
    ended_at: datetime | None = None
    generation: int = 0
    generation_changed_at: datetime | None = None
    # What the machine remembers for itself: the proofs that were full, by hand.
    full_at: list[datetime] = field(default_factory=list)

    @property
    def level(self) -> int:
        return level_of_all([MethodClaim(method=method) for method in self.methods])


class Caps(RuleBasedStateMachine):
    """One session through all that may happen to it."""

    @initialize(
        profile=st.sampled_from(["django", "nist"]),
        methods=st.sets(st.sampled_from(METHODS), min_size=1, max_size=2),
        kind=st.none() | st.sampled_from(["temporary", "impersonation", "credential_recovery"]),
        lifetimes=st.sampled_from(
            [{}, {"aal2": timedelta(hours=2)}, {"regular_login": (timedelta(days=3), None)}]
        ),
        age=ages,
    )
    def sign_in(self, profile, methods, kind, lifetimes, age):
        self.now, self.profile, self.lifetimes, self.age = NOW, profile, lifetimes, age
        self.row = Row(kind or type_of_proofs(methods), set(methods), NOW)
        self.row.full_at.append(NOW)
        self.prove(NOW)

    def limits(self):
        row = self.row
        return limits_for(self.profile, row.level, row.session_type, self.lifetimes)

    def prove(self, proven_at):
        new = expiry(age=self.age, now=self.now, proven_at=proven_at, limits=self.limits())
        self.write(new)

    def write(self, new: Expiry):
        for name, value in new.columns.items():
            setattr(self.row, name, value)

    def is_alive(self) -> bool:
        return evaluate(self.row, self.now) is Verdict.VALID

    @rule(by=steps)
    def wait(self, by):
        self.now += by

    @precondition(is_alive)
    @rule()
    def use(self):
        row = self.row
        row.idle_expires_at = idle_expiry(self.now, row.idle_timeout, row.expires_at)

    @precondition(is_alive)
    @rule(age=ages)
    def slide(self, age):
        """Django saved its session, or set_expiry() was called."""
        self.age = age
        self.prove(self.row.fully_authenticated_at)

    @precondition(is_alive)
    @rule(age=ages)
    def extend(self, age):
        before = self.row.expires_at
        new = extension(self.row, age=age, now=self.now, limits=self.limits())
        if isinstance(new, Expiry):
            self.write(new)
        assert self.row.expires_at >= before

    @precondition(is_alive)
    @rule(method=st.sampled_from(METHODS))
    def add_a_factor(self, method):
        row = self.row
        row.session_type = type_after(row.session_type, row.methods, [MethodClaim(method=method)])
        row.methods.add(method)
        self.prove(row.fully_authenticated_at)

    @precondition(is_alive)
    @rule(methods=st.sets(st.sampled_from(METHODS), min_size=1, max_size=2))
    def sign_in_again(self, methods):
        row = self.row
        claims = [MethodClaim(method=method) for method in methods]
        row.session_type = type_after(row.session_type, row.methods, claims, is_sign_in=True)
        row.methods |= methods
        if is_full(row.level, level_of_all(claims)):
            row.fully_authenticated_at = self.now
        # By hand: both factors, a passkey, or the only factor there is.
        alone = {"password", "totp", "code", "magic_link", "sms"}
        two = ({"password"} <= methods and methods & {"totp", "sms"}) or "passkey" in methods
        if two or (row.level == 1 and methods & alone) or row.level == 0:
            row.full_at.append(self.now)
        self.prove(row.fully_authenticated_at)

    @invariant()
    def holds(self):
        row = self.row
        assert row.idle_expires_at <= row.expires_at
        assert row.expires_at <= row.full_at[-1] + self.limits().overall
        if self.now >= row.full_at[-1] + self.limits().overall:
            assert not self.is_alive()
        if row.session_type in (SessionType.TEMPORARY, SessionType.IMPERSONATION):
            assert row.expires_at <= row.full_at[-1] + timedelta(hours=1)


Caps.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestCaps = Caps.TestCase
