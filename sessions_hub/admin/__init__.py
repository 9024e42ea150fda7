"""The admin: sessions, devices and proofs, to be read and ended, never edited.

The behaviour is in plain mixins, so that a site can put it on another base:

    admin.site.unregister(Session)

    @admin.register(Session)
    class MySessionAdmin(SessionAdminMixin, unfold.admin.ModelAdmin): ...
"""

from __future__ import annotations

from django.contrib import admin

from sessions_hub.models import AuthenticationMethod, Device, Session

from .device import DeviceAdmin, DeviceAdminMixin
from .paginator import CappedPaginator
from .proofs import AuthenticationMethodAdmin, AuthenticationMethodAdminMixin
from .session import SessionAdmin, SessionAdminMixin
from .users import UserSessionsAdminMixin

__all__ = [
    "AuthenticationMethodAdmin",
    "AuthenticationMethodAdminMixin",
    "CappedPaginator",
    "DeviceAdmin",
    "DeviceAdminMixin",
    "SessionAdmin",
    "SessionAdminMixin",
    "UserSessionsAdminMixin",
]

# SessionToken is not here: its rows are digests of secrets.
admin.site.register(Session, SessionAdmin)
admin.site.register(Device, DeviceAdmin)
admin.site.register(AuthenticationMethod, AuthenticationMethodAdmin)
