from __future__ import annotations

from django.urls import path

from tests.urls import urlpatterns as common

from . import views

urlpatterns = [
    *common,
    path("rest-sign-in/", views.RestSignIn.as_view()),
    path("token-sign-in/", views.TokenSignIn.as_view()),
    path("token-sign-out/", views.TokenSignOut.as_view()),
    path("save/", views.save_in_session),
    path("read-user/", views.read_user),
    path("read-session/", views.read_session),
    path("boom/", views.boom),
    path("sign-in-and-tell-waits/", views.sign_in_and_tell_waits),
    path("sign-in-and-go-on/", views.sign_in_and_go_on),
    path("switch/", views.switch),
]
