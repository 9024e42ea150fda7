"""The page that ends everything of a user, a device or a network: looked at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.exceptions import ActionNotRecorded
from sessions_hub.lifecycle.staff import end_matching, look
from sessions_hub.models import Device, Session, SessionQuerySet
from sessions_hub.models.predicate import WrongCondition, condition_of

from . import ending, rows, show
from .acting import NOT_RECORDED, ActingMixin, sample_rows
from .filters import find_user
from .links import linker, sessions_of_user_url


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything of something: the condition, what it is called, and the page to return to."""

    wanted: Mapping[str, Any]
    words: str
    back: str


class EndMatchingMixin(ActingMixin):
    """`end/?user=…`, `?device=…` or `?network=…`: the condition, its preview, and the end."""

    end_matching_template = "sessions_hub/admin/end_matching.html"

    def get_urls(self) -> list[URLPattern]:
        """The page, before Django's own patterns, which would take it for an id."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_end_matching"
        view = self.admin_site.admin_view(self.end_matching_view)
        return [path("end/", view, name=name), *super().get_urls()]

    def end_matching_view(self, request: HttpRequest) -> HttpResponse:
        """Shows on GET what meets the condition, and ends it on POST.

        Never the session the reader is in. What the condition finds is asked again at
        the end: the number of the preview is that of its moment.
        """
        self.refuse_unless(self.has_end_permission(request), request, "end")
        given = request.POST if request.method == "POST" else request.GET
        whole = self._whole(request, given)
        own, now = rows.current_id(request), timezone.now()
        try:
            if request.method == "POST":
                self._end_all(request, whole, own)
                return HttpResponseRedirect(whole.back)
            found = look(whole.wanted, except_for=own, within=self._visible(request), now=now)
        except WrongCondition as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(self.url_of("changelist"))
        sample = Session.objects.filter(pk__in=found.sample).select_related("user").order_by("-pk")
        context = self.page_context(
            request,
            _("End everything of %(whose)s?") % {"whose": whole.words},
            count=found.count,
            how_many=ending.count_words(found.count, is_capped=found.is_capped),
            whose=whole.words,
            has_unnamed=found.count > len(found.sample),
            spares_current=own is not None and _is_met(whole.wanted, own),
            sample=sample_rows(list(sample)),
            hidden=[(name, str(value)) for name, value in whole.wanted.items()],
            network=whole.wanted.get("network"),
            button=ngettext("End session", "End sessions", found.count),
            cancel_url=whole.back,
        )
        return TemplateResponse(request, self.end_matching_template, context)

    def _end_all(self, request: HttpRequest, whole: Whole, own: UUID | None) -> None:
        try:
            ended = end_matching(
                whole.wanted,
                Actor.of(request),
                except_for=own,
                within=self._visible(request),
                now=timezone.now(),
            )
        except ActionNotRecorded:
            self.message_user(request, str(NOT_RECORDED), messages.ERROR)
            return
        self.tell_ended(request, ended.count, whole.words, has_more=ended.has_more)

    def _visible(self, request: HttpRequest) -> SessionQuerySet:
        """What a site lets this reader see: what `get_queryset()` leaves out never ends here."""
        return cast("SessionQuerySet", self.get_queryset(request))

    def _whole(self, request: HttpRequest, given: Mapping[str, str]) -> Whole:
        """What the parameters mean. Raises Http404 unless it is one thing that is there."""
        named = [name for name in ("user", "device", "network") if name in given]
        if len(named) != 1:
            raise Http404
        value = given[named[0]].strip()
        match named[0]:
            case "user":
                if (user := find_user(value)) is None:
                    raise Http404
                back = sessions_of_user_url(self.admin_site, user.pk)
                return Whole({"user": user.pk}, show.user_name(user), back)
            case "device":
                device = _device(value)
                words = _("%(device)s of %(user)s") % {
                    "device": show.visible(str(device)),
                    "user": show.user_name(device.user),
                }
                page = linker(self.admin_site, Device, request)(device.pk)
                back = page or sessions_of_user_url(self.admin_site, device.user_id)
                return Whole({"device": device.pk}, words, back)
            case _:
                back = f"{self.url_of('changelist')}?{urlencode({'q': value})}"
                return Whole({"network": value}, show.visible(value), back)


def _device(pk: str) -> Device:
    try:
        return Device.objects.select_related("user").get(pk=UUID(pk))
    except (ValueError, Device.DoesNotExist):
        raise Http404 from None


def _is_met(wanted: Mapping[str, Any], own: UUID) -> bool:
    """Whether the reader's own session is one of those that are meant."""
    return Session.objects.filter(condition_of(wanted), pk=own).exists()
