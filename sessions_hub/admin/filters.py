"""Filters with fixed choices: none asks the database what it could offer.

A filter that no index serves looks through rows; `looks_through` says through how many it
may, and `window.py` holds it to that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import AssuranceLevel, Method, SessionType, Status
from sessions_hub.models.ids import first_id_at, time_of
from sessions_hub.models.walks import of_status

from .show import moment_words, user_name, visible

Choices = Iterable[tuple[Any, Any]]
# Of the rows a list would have without the filter, the newest so many.
LOOKED_THROUGH = 50_000


class ChoiceFilter(SimpleListFilter):
    """A filter over choices known beforehand. A value that is none of them finds nothing."""

    options: Choices = ()
    capitalized = True
    looks_through: int | None = LOOKED_THROUGH
    template = "sessions_hub/admin/filter.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        """The choices."""
        words = capfirst if self.capitalized else str
        return [(str(value), words(label)) for value, label in self.options]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the choice made."""
        value = self.value()
        if value is None:
            return queryset
        known = {str(choice) for choice, _label in self.lookup_choices}
        return self.narrow(queryset, value) if value in known else queryset.none()

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows of one choice; by default the column named like the parameter."""
        return queryset.filter(**{str(self.parameter_name): value})


class StatusFilter(ChoiceFilter):
    """Active, expired or ended, as of now."""

    title = _("status")
    parameter_name = "status"
    # Each open row costs a look at its user.
    looks_through = 10_000
    options = (
        (Status.ACTIVE, _("Active")),
        (Status.EXPIRED, _("Expired")),
        ("ended", _("Ended")),
    )

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        status = Status.REVOKED if value == "ended" else Status(value)
        return queryset.filter(of_status(status, timezone.now()))


class PeriodFilter(ChoiceFilter):
    """Since when, read from the primary key: a UUIDv7 carries the time and is indexed."""

    title = _("time of sign-in")
    parameter_name = "period"
    looks_through: int | None = None
    options = (
        ("today", _("Today")),
        ("7", _("Past 7 days")),
        ("30", _("Past 30 days")),
        ("90", _("Past 90 days")),
    )

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        now = timezone.localtime(datetime.now(UTC))
        if value == "today":
            since = now.replace(hour=0, minute=0, second=0, microsecond=0)
        else:
            since = now - timedelta(days=int(value))
        return queryset.filter(pk__gte=first_id_at(since))


class TypeFilter(ChoiceFilter):
    """The kind of sign-in."""

    title = _("type")
    parameter_name = "session_type"
    options = SessionType.choices


class MethodFilter(ChoiceFilter):
    """The kind of proof."""

    title = _("method")
    parameter_name = "method"
    options = Method.choices


class LevelFilter(ChoiceFilter):
    """The assurance level."""

    title = _("level")
    parameter_name = "assurance_level"
    options = AssuranceLevel.choices
    capitalized = False


class ImpersonatedFilter(ChoiceFilter):
    """Whether somebody else acts, or acted, as the user."""

    title = _("impersonated")
    parameter_name = "impersonated"
    options = (("yes", _("Yes")), ("no", _("No")))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        is_one = Q(session_type=SessionType.IMPERSONATION)
        return queryset.filter(is_one if value == "yes" else ~is_one)


class ProvenFilter(PeriodFilter):
    """When something was proven."""

    title = _("time of proof")


class DeviceStateFilter(ChoiceFilter):
    """Known, trusted or forgotten devices."""

    title = _("state")
    parameter_name = "state"
    options = (("known", _("Known")), ("trusted", _("Trusted")), ("forgotten", _("Forgotten")))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "trusted":
            return queryset.filter(trusted_at__isnull=False, forgotten_at__isnull=True)
        return queryset.filter(forgotten_at__isnull=value == "known")


class LinkedFilter(SimpleListFilter):
    """A filter that is not offered, only shown where a link has set it."""

    looks_through: int | None = None
    template = "sessions_hub/admin/filter.html"


class UserFilter(LinkedFilter):
    """The rows of one user."""

    title = _("user")
    parameter_name = "user"
    path = "user"
    user: AbstractBaseUser | None = None

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        """The user asked for; an unknown one too, or the list would show everybody's rows."""
        value = self.value()
        if value is None:
            return []
        self.user = find_user(value)
        return [(value, user_name(self.user) if self.user else _("unknown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of that user."""
        if self.value() is None:
            return queryset
        return queryset.filter(**{self.path: self.user.pk}) if self.user else queryset.none()


class OlderFilter(LinkedFilter):
    """The rows older than one with this id, which need not be there: where a list went on to."""

    title = _("older than")
    parameter_name = "older_than"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        """The time in the id; what is no id is shown as it is."""
        value = self.value()
        if value is None:
            return []
        pk = _id(value)
        return [(value, visible(value) if pk is None else moment_words(time_of(pk)))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows before that id."""
        if (value := self.value()) is None:
            return queryset
        pk = _id(value)
        return queryset.none() if pk is None else queryset.filter(pk__lt=pk)


def _id(text: str) -> UUID | None:
    try:
        pk = UUID(text)
    except ValueError:
        return None
    return pk if pk.version == 7 else None


def find_user(pk: str) -> AbstractBaseUser | None:
    """The user with this primary key, written as text."""
    try:
        return get_user_model()._default_manager.filter(pk=pk).first()
    except (ValidationError, ValueError, TypeError):
        return None
