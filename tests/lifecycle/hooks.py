"""What sites set SESSIONS_HUB_SESSION_TYPE to, and a backend of a magic link."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

asked: list[tuple[str, list[str]]] = []


def await_second_factor(request, user, methods):
    """Everybody has a second factor here."""
    asked.append((user.get_username(), methods))
    return "temporary" if methods == ["password"] else None


def nonsense(request, user, methods):
    return "nonsense"


def fails(request, user, methods):
    raise RuntimeError("a hook that fails")


class MagicLinkBackend(ModelBackend):
    pass


class SmsBackend(ModelBackend):
    pass
