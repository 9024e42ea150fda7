"""What is known of the client of one request, captured and understood once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from sessions_hub.capture import ClientSnapshot, take_fingerprint, take_snapshot
from sessions_hub.models.client import client_values, place_values
from sessions_hub.understanding import ClientFacts, Place, locate, understand_client

from .devices import presented_key
from .state import RequestState, state_of


@dataclass(frozen=True)
class Sighting:
    """A client: what it sent, what that means, and the device key it presented."""

    snapshot: ClientSnapshot
    facts: ClientFacts
    place: Place
    device_key: str | None = None

    @cached_property
    def client_values(self) -> Mapping[str, Any]:
        """The values of the client columns."""
        return client_values(self.snapshot, self.facts)

    @cached_property
    def place_values(self) -> Mapping[str, Any]:
        """The values of the place columns."""
        return place_values(self.snapshot, self.place)


def sight(request: HttpRequest | None, snapshot: ClientSnapshot | None = None) -> Sighting:
    """Look at a request's client, or at a snapshot somebody hands on. Never raises."""
    if snapshot is None:
        snapshot = snapshot_of(request)
    return Sighting(
        snapshot=snapshot,
        facts=understand_client(snapshot),
        place=locate(snapshot.address),
        device_key=_device_key(request),
    )


def _device_key(request: HttpRequest | None) -> str | None:
    if request is None:
        return None
    state = state_of(request)
    # The cookie of a server that forwards is the same for all its end users.
    presented = state.forwarded_key if state.is_forwarded else presented_key(request)
    # A key this very answer hands out counts as presented already.
    return presented or state.device_key


def fingerprint_of_request(request: HttpRequest, state: RequestState, user_id: Any) -> str:
    """The fingerprint of the client that uses a session of this user, `""` if not known."""
    if state.is_forwarded and state.snapshot is not None:
        # In the caller's own session: the client of somebody who has not signed in.
        return "" if state.forwarded_by == user_id else state.snapshot.fingerprint
    return take_fingerprint(request)


def snapshot_of(request: HttpRequest | None) -> ClientSnapshot:
    """The request's snapshot, taken once per request."""
    if request is None:
        return ClientSnapshot()
    state = state_of(request)
    if state.snapshot is None:
        state.snapshot = take_snapshot(request)
    return state.snapshot
