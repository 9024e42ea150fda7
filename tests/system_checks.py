"""What `manage.py check` says of this app."""

from __future__ import annotations

from django.core.checks import run_checks


def found(**kwargs) -> list:
    """Messages of this app, as `manage.py check` gives them."""
    return [message for message in run_checks(**kwargs) if message.id.startswith("sessions_hub.")]


def ids(**kwargs) -> set[str]:
    messages = found(**kwargs)
    for message in messages:
        assert message.hint
        assert message.msg.endswith((".", "?")) or ": " in message.msg
    return {message.id.removeprefix("sessions_hub.") for message in messages}


def errors() -> set[str]:
    return {check_id for check_id in ids() if check_id.startswith("E")}
