"""An admin site of its own, with the hub's admins and the chosen user model."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.urls import include, path

from sessions_hub.admin import (
    AuthenticationMethodAdmin,
    DeviceAdmin,
    SessionAdmin,
    SessionAdminMixin,
    UserSessionsAdminMixin,
)
from sessions_hub.models import AuthenticationMethod, Device, Session


class SiteUserAdmin(UserSessionsAdminMixin, UserAdmin):
    """What the documentation tells sites to write."""


site = admin.AdminSite(name="admin")
site.register(Session, SessionAdmin)
site.register(Device, DeviceAdmin)
site.register(AuthenticationMethod, AuthenticationMethodAdmin)
site.register(get_user_model(), SiteUserAdmin)


class OtherBase(admin.ModelAdmin):
    """A base with ways of its own, as admin themes have."""

    class Media:
        css = {"all": ("theme.css",)}

    class ThemedChangeList(ChangeList):
        themed = True

    def get_changelist(self, request, **kwargs):
        return self.ThemedChangeList


class OtherSessionAdmin(SessionAdminMixin, OtherBase):
    """What a site with such a theme writes."""


other = admin.AdminSite(name="other")
other.register(Session, OtherSessionAdmin)

urlpatterns = [
    path("admin/", site.urls),
    path("other/", other.urls),
    path("account/", include("sessions_hub.account.urls")),
]
