"""The overview: how many sign in, with what, from where, and how their sessions end."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_hub.conf import conf
from sessions_hub.models import Session
from sessions_hub.reporting import Overview

from . import show
from .acting import ActingMixin
from .overview_cache import numbers_of
from .overview_charts import Chart, charts, csv_rows
from .overview_form import OverviewForm

PRESETS = (7, 30, 90, 365)
CSS = Media(
    css={
        "all": ("sessions_hub/admin-overview.css", "sessions_hub/admin-map.css"),
        "print": ("sessions_hub/admin-overview-print.css",),
    }
)


class OverviewMixin(ActingMixin):
    """The page `…/overview/`, each of its tables as CSV, and the link to it in the list."""

    overview_template = "sessions_hub/admin/overview.html"

    def get_urls(self) -> list[URLPattern]:
        """The page, before Django's own patterns, which would take it for an id."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_overview"
        page, table = (
            self.admin_site.admin_view(view)
            for view in (self.overview_view, self.overview_csv_view)
        )
        return [
            path("overview/", page, name=name),
            path("overview/<slug:name>.csv", table, name=f"{name}_csv"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the way to the overview."""
        context = {"hub_overview_url": self.url_of("overview"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def overview_view(self, request: HttpRequest) -> HttpResponse:
        """The charts of the days asked for; of the default where those make no sense."""
        self.refuse_unless(True, request, "overview")
        form = OverviewForm(request.GET)
        numbers = self._numbers(request, form)
        span = numbers.span
        if form.is_valid():
            form = OverviewForm({"since": span.first, "until": span.last, "tenant": form.tenant_id})
        asked = urlencode({"since": span.first, "until": span.last, "tenant": form.tenant_id})
        context = self.page_context(
            request,
            _("Overview of sign-ins"),
            crumb=_("Overview"),
            form=form,
            has_tenants=conf.SESSIONS_HUB_TENANT is not None or bool(form.tenant_id),
            presets=self._presets(form),
            cards=_cards(numbers),
            charts=[
                (chart, f"{self.url_of('overview_csv', chart.name)}?{asked}")
                for chart in charts(numbers)
            ],
            counted_at=show.moment_words(numbers.at),
            is_capped=numbers.in_use.is_capped,
        )
        context["media"] += CSS
        return TemplateResponse(request, self.overview_template, context)

    def overview_csv_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """One table of the page. 404 for one there is not, 400 for days that make no sense."""
        self.refuse_unless(True, request, "overview")
        form = OverviewForm(request.GET)
        if not form.is_valid():
            return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
        chart = self._chart(request, form, name)
        span = form.span
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = (
            f'attachment; filename="{chart.name}-{span.first}-{span.last}.csv"'
        )
        csv.writer(response).writerows(csv_rows(chart))
        return response

    def _chart(self, request: HttpRequest, form: OverviewForm, name: str) -> Chart:
        for chart in charts(self._numbers(request, form)):
            if chart.name == name:
                return chart
        raise Http404

    def _numbers(self, request: HttpRequest, form: OverviewForm) -> Overview:
        rows: QuerySet[Session] = self.get_queryset(request)
        return numbers_of(rows, form.span, form.tenant_id, timezone.now())

    def _presets(self, form: OverviewForm) -> list[tuple[str, str, bool]]:
        """Address and words of each usual span, and whether it is the one shown."""
        today = timezone.localdate()
        span, found = form.span, []
        for days in PRESETS:
            since = today - timedelta(days=days - 1)
            url = (
                f"{self.url_of('overview')}?{urlencode({'since': since, 'tenant': form.tenant_id})}"
            )
            is_shown = (span.first, span.last) == (since, today)
            words = ngettext("%(num)d day", "%(num)d days", days) % {"num": days}
            found.append((url, words, is_shown))
        return found


def _cards(numbers: Overview) -> list[tuple[str, str, str]]:
    """Words, number and small print of the large numbers on top."""
    used, more = numbers.in_use, "+" if numbers.in_use.is_capped else ""
    sign_ins = sum(day.total for day in numbers.sign_ins)
    devices = sum(day.total for day in numbers.new_devices)
    lately = _("sessions used")
    in_span = _("in these days")
    return [
        (_("Active now"), show.number_words(used.now) + more, _("open sessions")),
        (_("Past 24 hours"), show.number_words(used.day) + more, lately),
        (_("Past 7 days"), show.number_words(used.week) + more, lately),
        (_("Past 30 days"), show.number_words(used.month) + more, lately),
        (
            _("Sign-ins"),
            show.number_words(sign_ins) + ("+" if numbers.looked_back_to else ""),
            in_span,
        ),
        _failed_card(numbers, sign_ins),
        (
            _("New devices"),
            show.number_words(devices) + ("+" if numbers.devices_back_to else ""),
            in_span,
        ),
    ]


def _failed_card(numbers: Overview, succeeded: int) -> tuple[str, str, str]:
    words = _("Failed sign-ins")
    if numbers.failed is None:
        return words, "–", _("not told")
    failed = sum(numbers.failed)
    small = _("in these days")
    if tried := failed + succeeded:
        rate = f"{number_format(failed * 100 / tried, 1)}%"
        small = _("%(rate)s of all that were tried") % {"rate": rate}
    return words, show.number_words(failed) + ("+" if numbers.looked_back_to else ""), small
