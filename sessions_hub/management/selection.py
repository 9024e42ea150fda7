"""The options that choose sessions, shared by the commands."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session, SessionQuerySet

from .arguments import country, network, parsed, user_named


def add_selection(parser: CommandParser) -> None:
    """`--user`, `--address`, `--country` and `--tenant`."""
    parser.add_argument("--user", metavar="NAME", help="Sessions of the user with this user name.")
    parser.add_argument(
        "--address",
        type=network,
        metavar="ADDRESS",
        help="Signed in from this address or network (192.0.2.7, 192.0.2.0/24, 2001:db8::/32).",
    )
    parser.add_argument(
        "--country",
        type=country,
        metavar="CODE",
        help="Signed in from this country (two letters, such as DE).",
    )
    parser.add_argument("--tenant", metavar="ID", help="Sessions that are in this tenant now.")


def select(options: dict[str, Any]) -> SessionQuerySet:
    """The sessions those options choose: all where none is given."""
    sessions = Session.objects.using(database())
    if (name := options["user"]) is not None:
        sessions = sessions.for_user(user_named(name, "--user"))
    if options["address"] is not None:
        sessions = sessions.filter(ip_key__range=parsed(network, options["address"]))
    if options["country"] is not None:
        sessions = sessions.filter(country_code=parsed(country, options["country"]))
    if options["tenant"] is not None:
        sessions = sessions.for_tenant(options["tenant"])
    return sessions
