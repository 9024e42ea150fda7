"""Authentication backends that ask for no user the middleware has read already.

Listed before Django's::

    AUTHENTICATION_BACKENDS = [
        "sessions_hub.auth.ModelBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]

That one stays listed for as long as sessions live that began with it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import backends

from .lifecycle.lend import take_user

__all__ = ["AllowAllUsersModelBackend", "ModelBackend", "VerdictUserMixin"]


class VerdictUserMixin(backends.ModelBackend):
    """For backends that read users as Django's ModelBackend does.

    The middleware reads the user in the same SELECT as the verdict, and `get_user()`
    takes it from there, once. Everything else stays: `user_can_authenticate()` is
    asked, and Django compares the hash in the session. Without such a user (no
    middleware, another request, users that cannot be joined) it asks the database.
    """

    # Whether the middleware is to read users along. Not where another class in the line
    # of ancestors reads users in a way of its own.
    takes_verdict_user = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        behind: Any = super()
        django = backends.ModelBackend
        cls.takes_verdict_user = (
            behind.get_user is django.get_user and behind.aget_user is django.aget_user
        )

    def get_user(self, user_id: Any) -> Any:
        """The active user with that key, or None."""
        user = take_user(user_id) if self.takes_verdict_user else None
        if user is None:
            return super().get_user(user_id)
        return user if self.user_can_authenticate(user) else None

    async def aget_user(self, user_id: Any) -> Any:
        """See get_user()."""
        user = take_user(user_id) if self.takes_verdict_user else None
        if user is None:
            return await super().aget_user(user_id)
        return user if self.user_can_authenticate(user) else None


class ModelBackend(VerdictUserMixin):
    """Django's ModelBackend, one query cheaper on every request."""


class AllowAllUsersModelBackend(VerdictUserMixin, backends.AllowAllUsersModelBackend):
    """Django's AllowAllUsersModelBackend, one query cheaper on every request."""
