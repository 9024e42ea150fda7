"""What a site with django-unfold writes: the hub's mixins on unfold's base."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.urls import include, path
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from sessions_hub.admin import (
    AuthenticationMethodAdminMixin,
    DeviceAdminMixin,
    SessionAdminMixin,
    UserSessionsAdminMixin,
)
from sessions_hub.models import AuthenticationMethod, Device, Session


class SessionAdmin(SessionAdminMixin, ModelAdmin):
    pass


class DeviceAdmin(DeviceAdminMixin, ModelAdmin):
    pass


class MethodAdmin(AuthenticationMethodAdminMixin, ModelAdmin):
    pass


class SiteUserAdmin(UserSessionsAdminMixin, UserAdmin, ModelAdmin):
    pass


site = UnfoldAdminSite(name="admin")
site.register(Session, SessionAdmin)
site.register(Device, DeviceAdmin)
site.register(AuthenticationMethod, MethodAdmin)
site.register(get_user_model(), SiteUserAdmin)

urlpatterns = [
    path("admin/", site.urls),
    path("account/", include("sessions_hub.account.urls")),
]
