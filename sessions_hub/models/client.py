"""The columns that say from what and from where, shared by three models."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.address import address_key
from sessions_hub.understanding import ClientFacts, Place
from sessions_hub.understanding.systems import system_label
from sessions_hub.understanding.versions import os_version_key, version_key


class ClientColumns(models.Model):
    """What the client is. Text is empty, never null, where it is unknown.

    Codes and types are Matomo's public vocabulary. The `_key` columns are
    sortable twins of versions ("below 10.10").
    """

    user_agent = models.CharField(_("user agent"), max_length=512, blank=True)
    client_hints = models.JSONField(_("client hints"), default=dict, blank=True)
    os_code = models.CharField(_("operating system code"), max_length=16, blank=True)
    os_name = models.CharField(_("operating system"), max_length=64, blank=True)
    os_version = models.CharField(_("operating system version"), max_length=32, blank=True)
    os_version_key = models.CharField(max_length=32, blank=True, editable=False)
    client_type = models.CharField(_("client type"), max_length=32, blank=True)
    client_code = models.CharField(_("client code"), max_length=16, blank=True)
    client_name = models.CharField(_("client"), max_length=64, blank=True)
    client_version = models.CharField(_("client version"), max_length=32, blank=True)
    client_version_key = models.CharField(max_length=32, blank=True, editable=False)
    client_engine = models.CharField(_("client engine"), max_length=32, blank=True)
    client_engine_version = models.CharField(_("client engine version"), max_length=32, blank=True)
    device_type = models.CharField(_("device type"), max_length=32, blank=True)
    device_brand = models.CharField(_("device brand"), max_length=64, blank=True)
    device_model = models.CharField(_("device model"), max_length=64, blank=True)
    is_bot = models.BooleanField(_("bot"), default=False)

    class Meta:
        abstract = True

    @property
    def client_label(self) -> str:
        """What a person calls this client: "Chrome 142 on Windows 11"."""
        return ClientFacts(
            os_name=self.os_name,
            os_version=self.os_version,
            client_name=self.client_name,
            client_version=self.client_version,
            device_brand=self.device_brand,
            device_model=self.device_model,
            device_type=self.device_type,
        ).label

    @property
    def os_label(self) -> str:
        """What a person calls its system: "Windows 11", "macOS 26", "ChromeOS"."""
        return system_label(self.os_name, self.os_version)


class PlaceColumns(models.Model):
    """Where the client was, as far as its address tells. Approximate by nature."""

    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    # The address as 32 hexadecimal digits (IPv4 mapped into IPv6), so that a
    # network is a range on every database.
    ip_key = models.CharField(max_length=32, blank=True, editable=False)
    country_code = models.CharField(_("country code"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=128, blank=True)
    city = models.CharField(_("city"), max_length=128, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    autonomous_system = models.CharField(_("network operator"), max_length=128, blank=True)

    class Meta:
        abstract = True

    @property
    def location(self) -> str:
        """`City, CC`, else `CC`, else the empty string."""
        return ", ".join(part for part in (self.city, self.country_code) if part)


def client_values(snapshot: ClientSnapshot, facts: ClientFacts) -> dict[str, Any]:
    """The values of ClientColumns for what was captured and understood."""
    return {
        "user_agent": snapshot.user_agent,
        "client_hints": dict(snapshot.hints),
        "os_version_key": os_version_key(facts.os_name, facts.os_version),
        "client_version_key": version_key(facts.client_version),
        **{name: getattr(facts, name) for name in ClientFacts.__slots__},
    }


def place_values(snapshot: ClientSnapshot, place: Place) -> dict[str, Any]:
    """The values of PlaceColumns for what was captured and understood."""
    return {
        "ip": snapshot.address or None,
        "ip_key": address_key(snapshot.address),
        **{name: getattr(place, name) for name in Place.__slots__},
    }
