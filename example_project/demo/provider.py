"""A provider's account, as a site would have it after its user has connected it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.utils import timezone

from sessions_hub.lifecycle import record_provider
from sessions_hub.models import Session

from .visits import CONNECTED


def connect_account() -> None:
    """Keep made-up tokens of a made-up provider with one person's session."""
    session = Session.objects.get(
        user__username=CONNECTED.username, user_agent=CONNECTED.agent.user_agent
    )
    record_provider(
        session,
        "company",
        "00u7",
        issuer="https://id.company.example",
        access_token=f"made-up-{secrets.token_urlsafe(8)}",
        refresh_token=f"made-up-{secrets.token_urlsafe(8)}",
        expires_at=timezone.now() + timedelta(hours=1),
    )
