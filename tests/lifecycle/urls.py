from __future__ import annotations

from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.urls import path
from django.views.decorators.cache import never_cache

from tests.urls import urlpatterns as common

from . import views

urlpatterns = [
    *common,
    path("rest-sign-in/", views.RestSignIn.as_view()),
    path("token-sign-in/", views.TokenSignIn.as_view()),
    path("token-sign-out/", views.TokenSignOut.as_view()),
    path("save/", views.save_in_session),
    path("slow/", views.slow),
    path("read-user/", views.read_user),
    path("read-user-and-save/", views.read_user_and_save),
    path("read-session/", views.read_session),
    path("boom/", views.boom),
    path("sign-in-and-tell-waits/", views.sign_in_and_tell_waits),
    path("sign-in-and-go-on/", views.sign_in_and_go_on),
    path("switch/", views.switch),
    path("sign-out-and-fail/", views.sign_out_and_fail),
    path("clear-and-fail/", views.clear_and_fail),
    path("delete-session/", views.delete_session),
    path("session-to-none/", views.session_to_none),
    path("sign-in-and-roll-back/", views.sign_in_and_roll_back),
    path("fail-and-roll-back/", views.fail_and_roll_back),
    path("fill-cart-and-sign-in/", views.fill_cart_and_sign_in),
    path("end-all-and-sign-in/", views.end_all_and_sign_in),
    path("aend-all-and-sign-in/", views.aend_all_and_sign_in),
    path("sign-in-overtaken/", views.sign_in_overtaken),
    path("sign-in-with-code/", views.sign_in_with_code),
    path("sign-in-out-in/", views.sign_in_out_in),
    path("sign-in-and-say-more/", views.sign_in_and_say_more),
    path("sign-out-authenticated/", views.sign_out_authenticated),
    path("sign-in-through-allauth/", views.sign_in_through_allauth),
    path("sign-in-with-app/", views.sign_in_with_app),
    path("add-code/", views.add_code),
    path("sign-in-and-catch/", views.sign_in_and_catch),
    path("set-password/", views.set_password),
    path("reset/<uidb64>/<token>/", views.ResetAndSignIn.as_view()),
    path("decorated-reset/<uidb64>/<token>/", never_cache(views.ResetAndSignIn.as_view())),
    path(
        "plain-reset/<uidb64>/<token>/",
        PasswordResetConfirmView.as_view(success_url="/whoami/"),
    ),
    path("change/", PasswordChangeView.as_view(success_url="/whoami/")),
]
