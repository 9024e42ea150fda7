"""What is known of a client and of a place. Unknown text is `""`."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from .systems import system_label


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """The client as user agent and client hints describe it.

    Codes are Matomo's short codes. Client versions are major.minor, engine and
    operating system versions as long as they were sent.
    """

    os_code: str = ""
    os_name: str = ""
    os_version: str = ""
    client_type: str = ""
    client_code: str = ""
    client_name: str = ""
    client_version: str = ""
    client_engine: str = ""
    client_engine_version: str = ""
    device_type: str = ""
    device_brand: str = ""
    device_model: str = ""
    is_bot: bool = False

    @property
    def label(self) -> str:
        """Client and system in the reader's language: “Chrome 142 on Windows 11”."""
        major = self.client_version.partition(".")[0]
        client = f"{self.client_name} {major}".strip() if self.client_name else ""
        system = system_label(self.os_name, self.os_version)
        if client and system:
            return gettext("%(client)s on %(system)s") % {"client": client, "system": system}
        return client or system


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an address is, as far as the GeoIP files know.

    `country_code` is ISO 3166-1 alpha-2 in upper case, `latitude` and `longitude`
    are degrees (WGS 84), `time_zone` is an IANA name, `autonomous_system` looks
    like "AS3320 Deutsche Telekom AG".
    """

    country_code: str = ""
    region: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str = ""
    autonomous_system: str = ""
