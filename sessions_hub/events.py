"""What is written to the log of security events, and how: `docs/observability.md`.

One logger, one record per event, its values as flat attributes of the record. Nothing in a
record is a secret, and no value can begin a line of its own or change how a terminal shows
one (ASVS 16.4.1). The names follow what happened; the table in the documentation gives
those of the OWASP Logging Vocabulary.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from . import telemetry
from .logs import log_once_a_minute

logger = logging.getLogger("sessions_hub.events")
_faults = logging.getLogger("sessions_hub.faults")

# Values that can stand in a line as they are.
_PLAIN = re.compile(r"[\w.,:@/+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: its name in `record.event`, its level, its fields in their order."""

    name: str
    level: int
    fields: tuple[str, ...]


_I, _W, _E = logging.INFO, logging.WARNING, logging.ERROR
_WHOSE = ("session_id", "user_id")

SIGN_IN_FAILED = Event("sign_in.failed", _I, ("address",))
SIGN_IN_REFUSED = Event("sign_in.refused", _W, ("user_id", "reason", "address"))
SESSION_STARTED = Event(
    "session.started", _I, (*_WHOSE, "session_type", "methods", "level", "address")
)
SESSION_ADOPTED = Event("session.adopted", _I, (*_WHOSE, "address"))
SESSION_PROVEN = Event("session.proven", _I, (*_WHOSE, "methods", "level"))
SESSION_ENDED = Event("session.ended", _I, (*_WHOSE, "session_type", "reason", "actor_id"))
SESSIONS_ENDED = Event("sessions.ended", _I, ("count", "reason", "actor_id"))
SESSION_EXTENDED = Event("session.extended", _I, ("session_id", "actor_id", "expires_at"))
SESSION_MOVED = Event("session.moved", _W, (*_WHOSE, "causes", "action", "address"))
SESSION_REFUSED = Event("session.refused", _I, (*_WHOSE, "reason", "address"))
ACCESS_DENIED = Event("access.denied", _W, (*_WHOSE, "action", "reason", "address"))
PROOF_REQUIRED = Event("proof.required", _I, (*_WHOSE, "reason", "wanted"))
PROOF_FAILED = Event("proof.failed", _W, _WHOSE)
PROOF_BLOCKED = Event("proof.blocked", _W, _WHOSE)
PROOF_DENIED = Event("proof.denied", _W, (*_WHOSE, "reason"))
PROOF_NOT_POSSIBLE = Event("proof.not_possible", _I, (*_WHOSE, "action"))
PROOF_OF_OTHER_USER = Event("proof.other_user", _E, ("user_id", "backend"))
FACTOR_REMOVED = Event("factor.removed", _I, ("session_id", "factors", "level"))
TOKEN_REFUSED = Event("token.refused", _I, (*_WHOSE, "reason", "address"))
TOKEN_ROTATED = Event("token.rotated", _I, ("session_id",))
TOKEN_REUSED = Event("token.reused", _W, _WHOSE)
IMPERSONATION_STARTED = Event(
    "impersonation.started", _I, (*_WHOSE, "actor_id", "address", "reason_length")
)
IMPERSONATION_ENDED = Event("impersonation.ended", _I, (*_WHOSE, "actor_id", "reason"))
IMPERSONATION_DENIED = Event("impersonation.denied", _W, ("user_id", "actor_id", "reason"))
CREDENTIALS_KEPT = Event("impersonation.credentials_kept", _W, ("session_id",))
CREDENTIALS_CHANGED = Event("impersonation.credentials_changed", _W, ("session_id",))
PROVIDER_RECORDED = Event("provider.recorded", _I, ("session_id", "provider", "has_token"))
PROVIDER_TOKENS_READ = Event("provider_tokens.read", _I, (*_WHOSE, "providers", "address"))
PROVIDER_TOKENS_DENIED = Event("provider_tokens.denied", _W, (*_WHOSE, "reason", "address"))
PROVIDER_TOKENS_UNREADABLE = Event("provider_tokens.unreadable", _E, (*_WHOSE, "reason", "address"))
CLIENT_FORWARDED = Event("client.forwarded", _I, ("actor_id", "address"))
STAFF_ENDED = Event(
    "staff.sessions_ended",
    _I,
    (
        "actor_id",
        "address",
        *_WHOSE,
        "via",
        "predicate",
        "limit",
        "count",
        "has_more",
        "reason",
        "sample",
    ),
)
STAFF_EXTENDED = Event("staff.session_extended", _I, ("actor_id", "address", *_WHOSE, "expires_at"))
STAFF_STARTED = Event(
    "staff.session_started",
    _I,
    (
        *("actor_id", "address", *_WHOSE, "session_type"),
        *("scopes", "client_address", "expires_at"),
    ),
)
STAFF_IMPERSONATES = Event(
    "staff.impersonation_started", _I, ("actor_id", "address", *_WHOSE, "reason_length")
)

STAFF_EXPORTED = Event("staff.user_exported", _I, ("actor_id", "address", "via", "user_id"))
STAFF_ANONYMIZED = Event(
    "staff.user_anonymized", _I, ("actor_id", "address", "via", "user_id", "count")
)

# Event → the counter it adds to, and how the counter's attributes come from its fields.
_COUNTED: Mapping[Event, tuple[str, Mapping[str, str]]] = {
    SESSION_STARTED: ("sign_ins", {"outcome": "=success", "method": "methods"}),
    SIGN_IN_FAILED: ("sign_ins", {"outcome": "=failure"}),
    SIGN_IN_REFUSED: ("sign_ins", {"outcome": "=refused", "reason": "reason"}),
    SESSION_ENDED: ("sessions.ended", {"reason": "reason"}),
    IMPERSONATION_ENDED: ("sessions.ended", {"reason": "reason"}),
    SESSION_REFUSED: ("refusals", {"kind": "=session", "reason": "reason"}),
    TOKEN_REFUSED: ("refusals", {"kind": "=token", "reason": "reason"}),
    TOKEN_REUSED: ("refusals", {"kind": "=token", "reason": "=reused"}),
    ACCESS_DENIED: ("refusals", {"kind": "=access", "reason": "reason"}),
    PROOF_REQUIRED: ("refusals", {"kind": "=proof", "reason": "reason"}),
}


def is_heard(event: Event) -> bool:
    """Whether anybody would get an event: what it takes to tell it may cost a query."""
    return logger.isEnabledFor(event.level) or (event in _COUNTED and telemetry.is_on())


def emit(event: Event, **fields: Any) -> None:
    """Log an event, and count it. Costs a look at the logger's level where nobody listens.

    All fields of the event are to be given; None and an empty text are "not known". Nothing
    that a filter, a formatter or a meter of the site's raises leaves this function.
    """
    is_logged = logger.isEnabledFor(event.level)
    if not is_logged and not (event in _COUNTED and telemetry.is_on()):
        return
    try:
        values = {name: _value(name, fields[name]) for name in event.fields}
        if is_logged:
            words = "".join(f" {name}={_word(value)}" for name, value in values.items())
            extra = {"event": event.name, **values}
            logger.log(event.level, "%s%s", event.name, words, extra=extra, stacklevel=2)
        if (counted := _COUNTED.get(event)) is not None:
            name, attributes = counted
            telemetry.count(name, 1, **_attributes(attributes, values))
    # What has happened has happened: nobody pays for a log that is broken.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            _faults, logging.ERROR, event.name, "The event %s was lost.", event.name, exc_info=True
        )


def emit_on_commit(event: Event, using: str, **fields: Any) -> None:
    """`emit()` once the transaction on the database `using` is committed."""
    if not is_heard(event):
        return

    # No partial: Django 5.2 asks for the name of a hook that raises.
    def send() -> None:
        emit(event, **fields)

    transaction.on_commit(send, using=using, robust=True)


def name_of(key: Any) -> str:
    """A user's key for a log; "-" for nobody. A key may be a text the user chose."""
    return "-" if key is None else inert(str(key))


def inert(text: str) -> str:
    """A text; as a literal in ASCII where it has line breaks, escapes or changes of direction."""
    return text if text.isprintable() else ascii(text)


def _value(name: str, value: Any) -> str | int | list[str]:
    match value:
        case None:
            return ""
        case int() if not name.endswith("_id"):
            return value
        case Mapping():
            return json.dumps(value, default=str, sort_keys=True, separators=(",", ":"))
        case list() | tuple():
            return [inert(str(one)) for one in value]
    return inert(str(value))


def _word(value: Any) -> str:
    """A value in a line: as JSON in ASCII where it might be taken for something else."""
    if value in ("", []):
        return "-"
    text = ",".join(value) if isinstance(value, list) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _attributes(wanted: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    # The first of several methods is the one that created the session.
    return {
        name: source[1:] if source[0] == "=" else _first(values[source])
        for name, source in wanted.items()
    }


def _first(value: Any) -> str:
    return str(next(iter(value), "")) if isinstance(value, list) else str(value)
