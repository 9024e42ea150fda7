"""What the demo prints at its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from django.utils import timezone

from sessions_hub.models import Session

from .accounts import Account


def print_sessions(output: TextIO) -> None:
    now = timezone.now()
    for s in Session.objects.order_by("-id").select_related("user"):
        methods = "+".join(s.authentication_methods.order_by("id").values_list("method", flat=True))
        output.write(" | ".join(map(str, (s.user, s.session_type, f"{s.device_type} {s.device_brand} {s.device_model}", f"{s.os_name} {s.os_version}", f"{s.client_name} {s.client_version}", s.country_code, methods, s.get_assurance_level_display(), s.last_used_at, s.status(now), s.end_reason))))


def print_access(output: TextIO, site: str, accounts: Iterable[Account]) -> None:
    """The pages to open and the accounts to open them with."""
    output.write(
        f"\nPages\n"
        f"  {site}                this session, as request.hub_session\n"
        f"  {site}api/sessions/   all sessions of whoever is signed in\n"
        f"  {site}admin/          the admin, for the staff account\n"
        f"\nAccounts\n"
    )
    for account in accounts:
        note = ""
        if account.is_staff:
            note = "staff: sees everybody's sessions and may end them"
        elif account.seed is not None:
            note = f"also asks for a code; the secret for an app is {account.secret}"
        output.write(f"  {account.username:<8} {account.password}   {note}".rstrip())
