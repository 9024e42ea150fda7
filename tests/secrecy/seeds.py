"""One secret of each kind that the hub has at hand, stored as the hub stores it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session as DjangoSession
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import record_provider
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken
from tests.credentials.conftest import entry
from tests.credentials.forging import AUDIENCE, ISSUER, make_key
from tests.credentials.keys import FIRST, SECOND

ACCESS, REFRESH = "company+s3cr3t/access&0815<x>", "company+s3cr3t/refresh&4711<y>"
CODE = "q7zt4kwm2x9b"
SECRET_KEY = "site-5d1b7c0e9f-'\"<&>-aVeryLongSecretKeyOfThisSite-0123456789"
HASH_KEY = "hash-key-e77d01aa6c-of-the-digests-of-this-site"


def configure(settings: Any) -> None:
    """A site with keys of every kind."""
    settings.SECRET_KEY = SECRET_KEY
    settings.SESSIONS_HUB_HASH_KEYS = [HASH_KEY]
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST, SECOND]
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True
    settings.SESSIONS_HUB_JWT_KEYS = [entry()]
    settings.SESSIONS_HUB_JWT_ISSUER = ISSUER
    settings.SESSIONS_HUB_TOKENIZE_TEMPLATES = {
        "orders": {"audience": AUDIENCE, "ttl": timedelta(minutes=5)}
    }


@dataclass
class Seeds:
    """What must not be seen, by what it is."""

    # Opens something: is to be seen nowhere, the database's own log included.
    plain: dict[str, str] = field(default_factory=dict)
    # What stands in a column in its place, and opens nothing by itself.
    stored: dict[str, str] = field(default_factory=dict)

    @property
    def all(self) -> list[str]:
        """Both."""
        return [*self.plain.values(), *self.stored.values()]

    def named(self, found: list[str]) -> set[str]:
        """What was found, by name."""
        both = {**self.plain, **self.stored}
        return {name for name, secret in both.items() if secret in found}


def plant(user: Any, session: Session, secret: str, password: str = "") -> Seeds:
    """Give a user a secret of every kind; `secret` is of a program of theirs."""
    record_provider(session, "company", "4711", access_token=ACCESS, refresh_token=REFRESH)
    device = StaticDevice.objects.create(user=user, name="codes", confirmed=True)
    device.token_set.create(token=CODE)
    key = json.loads(json.dumps(make_key("ES256", 0).as_dict(private=True)))
    pem = make_key("ES256", 0).as_pem(private=True).decode().splitlines()
    seeds = Seeds(
        plain={
            "secret of a program": secret,
            "access token": ACCESS,
            "refresh token": REFRESH,
            "code": CODE,
            "SECRET_KEY": SECRET_KEY,
            "hash key": HASH_KEY,
            "encryption key": FIRST,
            "older encryption key": SECOND,
            "private key as JWK": key["d"],
            "private key as PEM": pem[1],
        }
    )
    if password:
        seeds.plain["password"] = password
    for number, totp in enumerate(TOTPDevice.objects.filter(user=user)):
        seeds.stored[f"key of authenticator app {number}"] = totp.key
    refresh(seeds, user)
    return seeds


def refresh(seeds: Seeds, user: Any) -> None:
    """Note what is stored by now, of whoever it is."""
    user.refresh_from_db()
    seeds.stored["password hash"] = user.password
    columns = {
        Session: ("credentials_digest", "django_key_digest", "current_fingerprint"),
        Device: ("key_digest",),
        SessionDevice: ("fingerprint",),
        SessionToken: ("digest",),
        AuthenticationMethod: ("provider_access_token", "provider_refresh_token"),
        DjangoSession: ("session_key",),
    }
    for model, names in columns.items():
        for name in names:
            values = model._default_manager.values_list(name, flat=True)
            for number, value in enumerate(sorted({one for one in values if one})):
                seeds.stored[f"{model._meta.label}.{name} {number}"] = value
