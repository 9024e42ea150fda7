"""What the demo prints at its end."""

from __future__ import annotations

from collections.abc import Collection

from django.core.management.base import OutputWrapper
from django.utils import timezone

from sessions_hub.management.tables import (
    SESSION_HEADERS,
    print_table,
    session_rows,
    with_proofs,
)
from sessions_hub.models import Session

from .accounts import NAMES, Account


def print_sessions(output: OutputWrapper) -> None:
    """All sessions of the story, newest first."""
    rows = Session.objects.filter(user__username__in=NAMES)
    sessions = with_proofs(rows.order_by("-id"))
    print_table(output, SESSION_HEADERS, session_rows(sessions, timezone.now()))


def print_access(output: OutputWrapper, site: str, accounts: Collection[Account]) -> None:
    """The pages to open and the accounts to open them with; also as variables of a shell."""
    output.write(
        f"\nPages\n"
        f"  {site}                this session, as request.hub_session\n"
        f"  {site}api/sessions/   all sessions of whoever is signed in\n"
        f"  {site}admin/          the admin, for the staff account\n"
        f"  {site}admin/sessions_hub/session/overview/   its charts\n"
        f"\nAccounts\n"
    )
    for account in accounts:
        note = ""
        if account.is_staff:
            note = "staff: sees, ends and starts sessions, and acts as others"
        elif account.seed is not None:
            note = f"also asks for a code; the secret for an app is {account.secret}"
        output.write(f"  {account.username:<8} {account.password}   {note}".rstrip())
    passwords = " ".join(f"{one.username.upper()}={one.password}" for one in accounts)
    output.write(
        f"\nFor the examples of docs/api.md, to paste into a shell\n"
        f"  SITE={site.rstrip('/')} {passwords}"
    )
