"""The user's devices: called something, trusted, forgotten."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import logout
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from sessions_hub.conf import conf
from sessions_hub.lifecycle import forget_device
from sessions_hub.lifecycle.describe import describe_device
from sessions_hub.lifecycle.exceptions import NotChanged
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.own_actions import END_OTHER_SESSIONS
from sessions_hub.lifecycle.policy import PROGRAMS
from sessions_hub.models import Device, SessionDevice

from .notes import Note
from .page import AccountPage
from .paging import SIZE, page_of
from .rows import device_names, icon_of, load_methods, session_rows
from .sessions import signed_out_url


class NameForm(forms.Form):
    """What the user calls a device; empty for what it calls itself."""

    name = forms.CharField(
        label=_("Name"),
        max_length=Device._meta.get_field("name").max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DevicePage(AccountPage):
    """A page about the user's own devices."""

    section = "devices"

    @property
    def known(self) -> QuerySet[Device]:
        """The devices, each with whether this is read on it."""
        here = SessionDevice.objects.filter(device=OuterRef("pk"), session=self.current_id)
        return self.devices.annotate(is_current=Exists(here))

    def device(self, pk: UUID) -> Device:
        """The device; 404 alike for unknown ids and foreign ones."""
        return self.own(self.known, pk)


class DevicesView(DevicePage):
    """All that are not forgotten, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        devices, page = page_of(self.known.filter(forgotten_at__isnull=True), request)
        named = zip(devices, device_names(devices), map(icon_of, devices), strict=True)
        return self.show(
            "devices",
            {
                "rows": [
                    {"device": device, "spoken": spoken, "icon": icon}
                    for device, spoken, icon in named
                ],
                "page": page,
                "guesses_devices": conf.SESSIONS_HUB_DEVICE_COOKIE is None,
            },
        )


class DeviceView(DevicePage):
    """One device, where it is signed in, and its name."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        device = self.device(pk)
        return self.shown(device, NameForm(initial={"name": device.name}))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        device = self.device(pk)
        self.refuse_impersonation()
        form = NameForm(request.POST)
        if not form.is_valid():
            return self.shown(device, form, status=422)
        return self.changed(device, Note.RENAMED, name=form.cleaned_data["name"])

    def shown(self, device: Device, form: NameForm, status: int = 200) -> HttpResponse:
        """The page of the device, with a form for its name."""
        people = self.sessions.active(self.now).exclude(session_type__in=PROGRAMS)
        on_it = SessionDevice.objects.using(database()).filter(device=device)
        used = people.filter(pk__in=on_it.values("session_id"))
        # One more than is shown tells that there are more.
        sessions = list(used.select_related("user").order_by("-pk")[: SIZE + 1])
        load_methods(sessions)
        rows = session_rows(sessions[:SIZE], current_id=self.current_id, now=self.now)
        context = {
            "device": device,
            "icon": icon_of(device),
            "form": form,
            "rows": rows,
            "has_more": len(sessions) > SIZE,
        }
        return self.show("device", context, status=status)

    def changed(self, device: Device, note: Note, **values: Any) -> HttpResponse:
        """Write what the user says of the device, and go back to its page."""
        try:
            describe_device(device, **values, now=self.now)
        except NotChanged:
            return self.leave("devices", Note.FORGOTTEN_ALREADY)
        return self.leave("device", note, pk=device.pk)


class TrustView(DeviceView):
    """Says whether a device is trusted: `trusted` is 1 or 0."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        device = self.device(pk)
        self.refuse_impersonation()
        is_trusted = request.POST.get("trusted") == "1"
        note = Note.TRUSTED if is_trusted else Note.NOT_TRUSTED
        return self.changed(device, note, trusted=is_trusted)


class ForgetView(DevicePage):
    """Forgets a device and ends the sessions on it."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        device = self.device(pk)
        self.refuse_impersonation()
        self._ask_for_proof(device)
        return self.show("device_forget", {"device": device})

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        device = self.device(pk)
        self.refuse_impersonation()
        self._ask_for_proof(device)
        was_known = device.forgotten_at is None
        forget_device(device, by=self.user, now=self.now)
        if device.is_current:  # type: ignore[attr-defined]
            logout(request)
            return HttpResponseRedirect(signed_out_url())
        return self.leave("devices", Note.FORGOTTEN if was_known else Note.FORGOTTEN_ALREADY)

    def _ask_for_proof(self, device: Device) -> None:
        """As where the sessions that end by it are ended one by one."""
        ending = self.sessions.active(self.now).filter(session_devices__device=device)
        if ending.except_for(self.current_id).exists():
            self.ask_for_proof(END_OTHER_SESSIONS)
