"""The routes: `path("account/", include("sessions_hub.account.urls"))`."""

from __future__ import annotations

from django.urls import path

from . import impersonation
from .api_keys import KeysView, NewKeyView
from .data import DataView
from .devices import DevicesView, DeviceView, ForgetView, TrustView
from .not_me import NotMeView
from .sessions import EndedView, EndOthersView, EndView, NotMineView, SessionsView
from .views import ReauthenticateView

app_name = "sessions_hub"

urlpatterns = [
    path("sessions/", SessionsView.as_view(), name="sessions"),
    path("sessions/ended/", EndedView.as_view(), name="sessions-ended"),
    path("sessions/end-others/", EndOthersView.as_view(), name="sessions-end-others"),
    path("sessions/<uuid:pk>/end/", EndView.as_view(), name="session-end"),
    path("sessions/<uuid:pk>/not-me/", NotMineView.as_view(), name="session-not-me"),
    path("devices/", DevicesView.as_view(), name="devices"),
    path("devices/<uuid:pk>/", DeviceView.as_view(), name="device"),
    path("devices/<uuid:pk>/trust/", TrustView.as_view(), name="device-trust"),
    path("devices/<uuid:pk>/forget/", ForgetView.as_view(), name="device-forget"),
    path("api-keys/", KeysView.as_view(), name="api-keys"),
    path("api-keys/new/", NewKeyView.as_view(), name="api-key-new"),
    path("data/", DataView.as_view(), name="data"),
    path("reauthenticate/", ReauthenticateView.as_view(), name="reauthenticate"),
    path("not-me/<str:token>/", NotMeView.as_view(), name="not-me"),
    path("impersonate/stop/", impersonation.stop, name="impersonate-stop"),
    # A key may be a text with slashes.
    path("impersonate/<path:user_id>/", impersonation.start, name="impersonate"),
]
