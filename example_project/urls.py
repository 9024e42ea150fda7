"""The pages of the example project."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/login/", views.SignInView.as_view(), name="login"),
    path("accounts/second-factor/", views.SecondFactorView.as_view(), name="second-factor"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("account/", include("sessions_hub.account.urls")),
    path("api/", include("sessions_hub.api.urls")),
    path("admin/", admin.site.urls),
]
