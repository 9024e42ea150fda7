"""Sessions that are worth nothing any more, and the prune that ends them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sessions_hub.lifecycle.credentials import SETTLING, end_worthless
from sessions_hub.models import Session


def by_update(user) -> None:
    """Change a password out of sight of all signals."""
    type(user).objects.filter(pk=user.pk).update(password="!unusable")


def long_unused() -> None:
    Session.objects.update(last_used_at=timezone.now() - SETTLING - timedelta(seconds=1))


def prune() -> int:
    return sum(end_worthless(timezone.now()))
