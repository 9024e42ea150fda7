"""From what and from where, as JSON: part of a session, of its places of use and of devices."""

from __future__ import annotations

from typing import TypedDict

from sessions_hub.models import Session, SessionDevice
from sessions_hub.models.client import ClientColumns
from sessions_hub.understanding.countries import country_name

from .formats import Identifier, Moment, time_text


class AgentObject(TypedDict):
    """What the client is."""

    user_agent: str
    os_code: str
    os_name: str
    os_version: str
    client_type: str
    client_code: str
    client_name: str
    client_version: str
    client_engine: str
    client_engine_version: str
    device_type: str
    device_brand: str
    device_model: str


class ClientObject(AgentObject):
    """What the client is, where it is, and which of the user's devices."""

    ip: str | None
    device_id: Identifier | None
    device_name: str
    country_code: str
    country_name: str
    location: str


class PlaceObject(ClientObject):
    """One place a session was used from."""

    id: Identifier
    first_seen_at: Moment
    last_seen_at: Moment


def agent_object(row: ClientColumns) -> AgentObject:
    """The client columns of any row that has them."""
    return {
        "user_agent": row.user_agent,
        "os_code": row.os_code,
        "os_name": row.os_name,
        "os_version": row.os_version,
        "client_type": row.client_type,
        "client_code": row.client_code,
        "client_name": row.client_name,
        "client_version": row.client_version,
        "client_engine": row.client_engine,
        "client_engine_version": row.client_engine_version,
        "device_type": row.device_type,
        "device_brand": row.device_brand,
        "device_model": row.device_model,
    }


def client_object(row: Session | SessionDevice, place: SessionDevice | None) -> ClientObject:
    """The client and place of a row; the device is that of `place`, where there is one."""
    device = None if place is None else place.device
    return {
        "ip": row.ip,
        **agent_object(row),
        "device_id": None if device is None else str(device.pk),
        "device_name": "" if device is None else device.name,
        "country_code": row.country_code,
        "country_name": country_name(row.country_code),
        "location": row.location,
    }


def place_object(place: SessionDevice) -> PlaceObject:
    """A place of use, with its device: load `device` with the row."""
    return {
        "id": str(place.pk),
        **client_object(place, place),
        "first_seen_at": time_text(place.first_seen_at),
        "last_seen_at": time_text(place.last_seen_at),
    }
