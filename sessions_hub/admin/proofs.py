"""The admin of authentication methods. Provider tokens are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import AuthenticationMethod, Session

from . import show
from .filters import LevelFilter, MethodFilter, OlderFilter, ProvenFilter, UserFilter
from .links import linker, user_link, user_linker
from .read_only import ReadOnlyAdminMixin
from .search import by_id, by_user


class ProofUserFilter(UserFilter):
    """The proofs of one user."""

    path = "session__user"


class AuthenticationMethodAdminMixin(ReadOnlyAdminMixin):
    """Every proof that was completed."""

    list_display = ("label", "owner", "session_link", "level", "provider", "completed", "revoked")
    list_filter = (MethodFilter, LevelFilter, ProvenFilter, ProofUserFilter, OlderFilter)
    list_select_related = ("session__user",)
    search_fields = ("id",)
    search_help_text = _("Username, e-mail address or id; whole values.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "label",
                    "owner",
                    "session_link",
                    "level",
                    "completed_exactly",
                    "revoked_exactly",
                )
            },
        ),
        (_("Authenticator"), {"fields": ("authenticator", "user_verified", "backup_eligible")}),
        (
            _("Provider"),
            {
                "fields": (
                    "provider",
                    "provider_uid",
                    "organization",
                    "issuer",
                    "upstream_acr",
                    "upstream_methods",
                    "stored_tokens",
                )
            },
        ),
        (_("As recorded"), {"fields": ("id",), "classes": ("collapse",)}),
    )
    readonly_fields = (
        "label",
        "owner",
        "session_link",
        "level",
        "completed_exactly",
        "revoked_exactly",
        "authenticator",
        "upstream_methods",
        "stored_tokens",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuthenticationMethod], search_term: str
    ) -> tuple[QuerySet[AuthenticationMethod], bool]:
        """The proofs a whole value names."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(by_id(term) | by_user(term, "session__user")), False

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Note where the rows may link to."""
        super().prepare_rows(request, rows)
        links = (user_linker(self.admin_site, request), linker(self.admin_site, Session, request))
        for row in rows:
            vars(row)["_links"] = links

    @admin.display(description=_("method"))
    def label(self, row: AuthenticationMethod) -> str:
        return str(row.get_method_display())

    @admin.display(description=_("user"))
    def owner(self, row: AuthenticationMethod) -> SafeString | None:
        return user_link(row.session.user, vars(row)["_links"][0])

    @admin.display(description=_("session"))
    def session_link(self, row: AuthenticationMethod) -> SafeString:
        text = show.visible(row.session.name) or show.client(row.session)
        url = vars(row)["_links"][1](row.session_id)
        return format_html('<a href="{}">{}</a>', url, text) if url else format_html("{}", text)

    @admin.display(description=_("level"))
    def level(self, row: AuthenticationMethod) -> SafeString:
        return show.badge(row.get_assurance_level_display(), "level")

    @admin.display(description=_("methods the provider named"))
    def upstream_methods(self, row: AuthenticationMethod) -> str:
        return show.visible(", ".join(map(str, row.upstream_amr or ())))

    @admin.display(description=_("stored tokens"))
    def stored_tokens(self, row: AuthenticationMethod) -> str:
        kept = (
            (gettext("access"), row.provider_access_token),
            (gettext("refresh"), row.provider_refresh_token),
        )
        return ", ".join(f"{name} {show.MASK}" for name, ciphertext in kept if ciphertext)

    @admin.display(description=_("completed"), ordering="id")
    def completed(self, row: AuthenticationMethod) -> SafeString | None:
        return show.ago(row.completed_at)

    @admin.display(description=_("completed"))
    def completed_exactly(self, row: AuthenticationMethod) -> SafeString | None:
        return show.exactly(row.completed_at)

    @admin.display(description=_("removed"))
    def revoked(self, row: AuthenticationMethod) -> SafeString | None:
        return show.ago(row.revoked_at)

    @admin.display(description=_("removed"))
    def revoked_exactly(self, row: AuthenticationMethod) -> SafeString | None:
        return show.exactly(row.revoked_at)

    @admin.display(description=_("authenticator"))
    def authenticator(self, row: AuthenticationMethod) -> SafeString | None:
        return show.code(row.factor or None)


class AuthenticationMethodAdmin(AuthenticationMethodAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """AuthenticationMethod on Django's own admin base."""
