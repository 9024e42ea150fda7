from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from tests import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("sessions_hub.api.urls")),
    path("account/", include("sessions_hub.account.urls")),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
    path("accounts/logout/", LogoutView.as_view()),
    path("public/", views.public),
    path("apublic/", views.apublic),
    path("cart/", views.cart),
    path("whoami/", views.whoami),
    path("username/", views.username),
    path("awhoami/", views.awhoami),
    path("sign-in/", views.sign_in),
    path("asign-in/", views.asign_in),
    path("sign-in-and-fail/", views.sign_in_and_fail),
    path("sign-out/", views.sign_out),
    path("asign-out/", views.asign_out),
    path("change-password/", views.change_password),
    path("achange-password/", views.achange_password),
    path("flush/", views.flush),
]
