"""What the overview is asked for: a span of days, and a tenant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions_hub.reporting import LONGEST, Span

DEFAULT_DAYS = 30
# No session can be older than the app, and no date may be too early to count back from.
_EARLIEST = date(2000, 1, 1)


def _day(label: Any) -> forms.DateField:
    # The format browsers send, whatever the language.
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label, required=False, input_formats=["%Y-%m-%d"], widget=widget, localize=False
    )


class OverviewForm(forms.Form):
    """The last 30 days where nothing is asked for; days that are still to come are left out."""

    since = _day(gettext_lazy("From"))
    until = _day(gettext_lazy("To"))
    tenant = forms.CharField(label=gettext_lazy("Tenant"), required=False, max_length=64)

    def clean(self) -> dict[str, Any]:
        """The days in order, and not too many of them."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        today = timezone.localdate()
        until = min(cleaned.get("until") or today, today)
        until = max(until, _EARLIEST + timedelta(days=DEFAULT_DAYS))
        since = cleaned.get("since") or until - timedelta(days=DEFAULT_DAYS - 1)
        if since < _EARLIEST or since > until:
            raise forms.ValidationError(_("The first day has to be before the last one."))
        if (until - since).days >= LONGEST:
            words = ngettext("At most %(days)d day.", "At most %(days)d days.", LONGEST)
            raise forms.ValidationError(words % {"days": LONGEST})
        return {**cleaned, "since": since, "until": until}

    @property
    def span(self) -> Span:
        """The days asked for, in the reader's time zone; the default where they are wrong."""
        zone = timezone.get_current_timezone()
        if self.is_valid():
            return Span(self.cleaned_data["since"], self.cleaned_data["until"], zone)
        today = timezone.localdate()
        return Span(today - timedelta(days=DEFAULT_DAYS - 1), today, zone)

    @property
    def tenant_id(self) -> str:
        """The tenant asked for; empty for all of them."""
        return self.cleaned_data["tenant"] if self.is_valid() else ""
