"""The people of the demo, with passwords that are new in every run."""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass

from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

STAFF = "amelie"
WITH_APP = "chiara"
NAMES = {
    STAFF: "Amélie Roth",
    "bruno": "Bruno Carvalho",
    WITH_APP: "Chiara Conti",
    "devi": "Devi Mwangi",
    "emre": "Emre Çelik",
    "fumiko": "Fumiko Mori",
}


@dataclass(frozen=True, slots=True)
class Account:
    """How to sign in as one person. `seed` is the authenticator app's secret, if any."""

    username: str
    password: str
    is_staff: bool = False
    seed: bytes | None = None

    def code(self) -> str:
        """What the authenticator app shows now."""
        return f"{totp(self.seed):06d}"

    @property
    def secret(self) -> str:
        """The seed as people type it into an authenticator app."""
        return b32encode(self.seed or b"").decode()


def create_account(username: str) -> Account:
    """Create one person's user, and their rights or authenticator app."""
    first_name, _, last_name = NAMES[username].partition(" ")
    # Letters and digits alone: a double click takes all of it.
    password = secrets.token_hex(8)
    user = User.objects.create_user(
        username,
        f"{username}@example.com",
        password,
        first_name=first_name,
        last_name=last_name,
        is_staff=username == STAFF,
    )
    if user.is_staff:
        user.user_permissions.set(_staff_permissions())
    seed = None
    if username == WITH_APP:
        seed = TOTPDevice.objects.create(user=user, name="Authenticator app").bin_key
    return Account(username, password, user.is_staff, seed)


def _staff_permissions() -> list[Permission]:
    """See users; see, end, extend and start sessions, and act as other users."""
    hub = Q(content_type__app_label="sessions_hub")
    seeing = hub & Q(codename__startswith="view_")
    doing = hub & Q(
        codename__in=["add_session", "change_session", "end_session", "impersonate_user"]
    )
    users = Q(content_type__app_label="auth", codename="view_user")
    return list(Permission.objects.filter(seeing | doing | users))
