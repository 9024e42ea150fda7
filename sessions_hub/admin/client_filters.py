"""Filters of sessions by what was used and where: device, system, country, tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_hub.conf import conf
from sessions_hub.understanding.countries import all_countries, country_code
from sessions_hub.understanding.families import DEVICE_KINDS, OS_FAMILIES

from .filters import LOOKED_THROUGH, ChoiceFilter

_OTHER = "other"
_UNKNOWN = "unknown"


class GroupFilter(ChoiceFilter):
    """A filter over groups of a column's values; what is in none is "other", empty "unknown"."""

    capitalized = False
    column = ""
    groups: Mapping[str, frozenset[str]] = {}

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == _UNKNOWN:
            return queryset.filter(**{self.column: ""})
        if value == _OTHER:
            grouped = sorted(frozenset[str]().union(*self.groups.values()))
            return queryset.exclude(**{f"{self.column}__in": [*grouped, ""]})
        return queryset.filter(**{f"{self.column}__in": sorted(self.groups[value])})


class DeviceKindFilter(GroupFilter):
    """The kind of device."""

    title = _("device")
    parameter_name = "device_kind"
    column = "device_type"
    groups = DEVICE_KINDS
    options = (
        ("desktop", _("Desktop")),
        ("phone", _("Phone")),
        ("tablet", _("Tablet")),
        ("tv", _("TV")),
        ("console", _("Console")),
        ("wearable", _("Wearable")),
        ("car", _("Car")),
        ("speaker", _("Smart speaker or display")),
        (_OTHER, _("Other")),
        (_UNKNOWN, _("Unknown")),
    )


class OsFamilyFilter(GroupFilter):
    """The family of the operating system."""

    title = _("system")
    parameter_name = "os_family"
    column = "os_code"
    groups = OS_FAMILIES
    options = (
        ("windows", "Windows"),
        ("macos", "macOS"),
        ("ios", _("iOS and iPadOS")),
        ("android", "Android"),
        ("linux", "Linux"),
        ("chromeos", "ChromeOS"),
        (_OTHER, _("Other")),
        (_UNKNOWN, _("Unknown")),
    )


class TextFilter(SimpleListFilter):
    """A filter one types into. `suggestions` complete what is typed, without a script."""

    template = "sessions_hub/admin/text_filter.html"
    looks_through: int | None = LOOKED_THROUGH
    suggestions: Iterable[str] = ()

    def lookups(
        self, request: HttpRequest, model_admin: ModelAdmin[Any]
    ) -> Iterable[tuple[Any, Any]]:
        """None: the choices are not known beforehand."""
        return ()

    def has_output(self) -> bool:
        """Always: Django would hide a filter without choices."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """One entry: what the form sends along, and the way back to all rows."""
        name = str(self.parameter_name)
        others = [
            (key, value)
            for key, values in changelist.get_filters_params().items()
            if key != name
            for value in (values if isinstance(values, list) else [values])
        ]
        if changelist.query:
            others.append(("q", changelist.query))
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[name]),
            "display": gettext("All"),
            "others": others,
        }


class CountryFilter(TextFilter):
    """One country, by its name or code."""

    title = _("country")
    parameter_name = "country"

    @property
    def suggestions(self) -> Iterable[str]:  # type: ignore[override]
        """Every country, by name and code."""
        return [f"{name} ({code})" for code, name in all_countries().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of that country; none for a text that is none."""
        if not (value := self.value()):
            return queryset
        code = country_code(value)
        return queryset.filter(country_code=code) if code else queryset.none()


class TenantFilter(TextFilter):
    """One tenant, by its id. Offered where the site tells tenants."""

    title = _("tenant")
    parameter_name = "tenant_id"

    def has_output(self) -> bool:
        """Where tenants are recorded, or a link asks for one."""
        return conf.SESSIONS_HUB_TENANT is not None or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of that tenant."""
        value = self.value()
        return queryset.filter(Q(tenant_id=value)) if value else queryset
