"""Django's own user admin, with the way to a user's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User

from sessions_hub.admin import UserSessionsAdminMixin

if TYPE_CHECKING:
    BaseUserAdmin = UserAdmin[User]
else:
    # Generic for type checkers alone.
    BaseUserAdmin = UserAdmin

admin.site.unregister(User)


@admin.register(User)
class UserWithSessionsAdmin(UserSessionsAdminMixin, BaseUserAdmin):
    """Adds "Sessions" to a user's buttons."""
