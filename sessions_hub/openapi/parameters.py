"""Parameters that several operations take."""

from __future__ import annotations

from typing import Annotated, Any

from sessions_hub.api.formats import Identifier, Moment
from sessions_hub.api.pagination import SessionPagination
from sessions_hub.models import AssuranceLevel, Method, SessionType, Status

from .operation import Parameter

ACCEPT_LANGUAGE: dict[str, Any] = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of texts for people, and of the names of countries.",
    "schema": {"type": "string"},
    "example": "de",
}

# By what stands before them in a path.
IDS: dict[str, dict[str, Any]] = {
    "sessions": {
        "description": "The id of a session.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "devices": {
        "description": "The id of a device.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "users": {"description": "The key of a user, as text.", "schema": {"type": "string"}},
}

CURSOR = Parameter("cursor", "From the links `next` and `previous`.")
PAGE_SIZE = Parameter(
    "page_size",
    f"Rows to a page, {SessionPagination.page_size} by default.",
    {"type": "integer", "minimum": 1, "maximum": SessionPagination.max_page_size},
)
ORDERING = Parameter(
    "ordering",
    "`-id`: newest first; `id`: oldest first.",
    {"type": "string", "enum": ["-id", "id"]},
)
PAGES = (CURSOR, PAGE_SIZE)

EXPAND = Parameter(
    "expand",
    "`devices,authentication_methods` by default. What is not named is left out, with the keys "
    "that rest on it.",
    example="devices",
)
FIELDS = Parameter(
    "fields", "The keys to answer, separated by commas; all by default.", example="id,status"
)
SELECTING = (EXPAND, FIELDS)

_EXACT = "Exactly this; empty where it is not known."
SESSION_FILTERS = (
    Parameter("status", "What the session is now.", Annotated[str, Status]),
    Parameter("session_type", "What kind of sign-in it is.", Annotated[str, SessionType]),
    Parameter("method", "Proven by this, and not taken back.", Annotated[str, Method]),
    Parameter("assurance_level", "Its level.", Annotated[str, AssuranceLevel]),
    Parameter(
        "country_code",
        "Signed in from there (ISO 3166); empty where it is not known.",
        {"type": "string", "pattern": "^([A-Za-z]{2})?$"},
        "DE",
    ),
    Parameter("os_code", _EXACT, example="IOS"),
    Parameter("client_type", _EXACT, example="browser"),
    Parameter("tenant_id", "In this tenant; empty for those in none."),
    Parameter("device", "The id of a device it was used on.", Identifier),
    Parameter("issued_after", "Begun at this instant (RFC 3339) or later.", Moment),
    Parameter("issued_before", "Begun before this instant.", Moment),
    Parameter("last_used_after", "Used at this instant or later.", Moment),
    Parameter("last_used_before", "Not used since this instant.", Moment),
)

TOKENIZE_AS = Parameter(
    "tokenize_as", "A template of the site's: the session as a signed token, too.", example="orders"
)
# What a proxy asks for: see docs/forward-auth.md.
DEMANDS = (
    Parameter(
        "require",
        "The level the session has to have; 401 otherwise.",
        {"type": "string", "enum": ["aal0", "aal1", "aal2", "aal3", "available"]},
        "aal2",
    ),
    Parameter(
        "max_age",
        "How many seconds ago it may have been proven; 401 otherwise.",
        {"type": "integer", "minimum": 0, "maximum": 999999999},
        900,
    ),
    Parameter(
        "scope",
        "Scopes a token has to have, separated by spaces; 403 otherwise. Browsers need none.",
        example="reports:read",
    ),
)


# Of staff's lists, whose serializers say the rest.
FILTERS = {
    **{one.name: one.description for one in SESSION_FILTERS},
    "user": "Of the user with this id.",
    "session": "Of the session with this id.",
    "network": "Signed in from this address or network (CIDR).",
    "ip": "Signed in from this address.",
}


def device_header(name: str) -> Parameter:
    """The header in which apps name their installation."""
    told = "The installation of an app: users see one device for it."
    return Parameter(name, told, {"type": "string", "maxLength": 128}, "5C4F", "header")
