"""The way from a user's page to their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from sessions_hub.lifecycle.impersonation_rules import may_impersonate
from sessions_hub.models import Session
from sessions_hub.models.counting import capped_count

from .links import end_everything_url, impersonate_url, sessions_of_user_url

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class UserSessionsAdminMixin(_ModelAdmin):
    """Adds "Sessions (3 active)", "End all sessions" and "Impersonate" to a user's buttons.

        class MyUserAdmin(UserSessionsAdminMixin, UserAdmin): ...

        admin.site.unregister(User)
        admin.site.register(User, MyUserAdmin)

    The first for those who may view sessions: one query; no inline, which would load
    every row. The second for those who may end them, too. The third for those who may act
    as this user, where the site has mounted `sessions_hub.account.urls`.
    """

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The base's page, with the button put in."""
        response = super().render_change_form(request, context, *args, **kwargs)
        user = context.get("original")
        if not isinstance(user, AbstractBaseUser) or not isinstance(response, TemplateResponse):
            return response
        buttons = self.hub_buttons(request, user)
        if not buttons:
            return response
        # Whatever template the base has chosen is extended, not replaced.
        response.context_data = {
            **(response.context_data or {}),
            "hub_parent": response.resolve_template(response.template_name),
            **buttons,
        }
        response.template_name = "sessions_hub/admin/user_change_form.html"
        return response

    def hub_buttons(self, request: HttpRequest, user: AbstractBaseUser) -> dict[str, Any]:
        """What the template writes the buttons from; empty for a reader who gets none."""
        buttons: dict[str, Any] = {}
        if self.may_view_sessions(request):
            buttons["hub_sessions_url"] = sessions_of_user_url(self.admin_site, user.pk)
            buttons["hub_active_sessions"] = capped_count(Session.objects.for_user(user).active())
            buttons["hub_end_all_url"] = end_everything_url(self.admin_site, request, user=user.pk)
        if (url := impersonate_url(user)) and may_impersonate(request, user):
            buttons["hub_impersonate_url"] = url
        return buttons

    def may_view_sessions(self, request: HttpRequest) -> bool:
        """Whether this site has the list of sessions, and the reader may see it."""
        if not self.admin_site.is_registered(Session):
            return False
        return self.admin_site.get_model_admin(Session).has_view_permission(request)
