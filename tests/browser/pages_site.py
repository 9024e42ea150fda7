"""A site with the pages for users, a page to change the password, and nothing else to see."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from tests.urls import urlpatterns as common

SIGN_IN = """<!doctype html><html lang="en"><head><title>Sign in</title></head><body><main>
<h1>Sign in</h1><form method="post">{% csrf_token %}{{ form.as_div }}
<input type="hidden" name="next" value="{{ next }}"><button type="submit">Sign in</button></form>
</main></body></html>"""


HOME = """{% load sessions_hub_impersonation static %}<!doctype html><html lang="en"><head>
<title>Home</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{% static 'sessions_hub/pages.css' %}"></head>
<body class="sessions-hub-page">{% impersonation_banner next=back %}
<main class="sessions-hub"><h1>Hello, {{ user.get_username }}</h1></main></body></html>"""


class SignIn(LoginView):
    """Django's view, with a form of a few lines."""

    authentication_form = AuthenticationForm

    def render_to_response(self, context, **kwargs):
        template = engines["django"].from_string(SIGN_IN)
        return HttpResponse(template.render(context, self.request))


def password(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        '<!doctype html><html lang="en"><head><title>Password</title></head>'
        "<body><main><h1>Change your password</h1></main></body></html>"
    )


def home(request: HttpRequest) -> HttpResponse:
    """A page of a site that shows the banner of an impersonation."""
    template = engines["django"].from_string(HOME)
    back = request.GET.get("back", "/home/")
    return HttpResponse(template.render({"back": back, "user": request.user}, request))


def icon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [
    path("accounts/login/", SignIn.as_view()),
    path("password/", password, name="password_change"),
    path("home/", home),
    path("favicon.ico", icon),
    *common,
]
