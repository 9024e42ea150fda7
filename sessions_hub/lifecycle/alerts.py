"""Mails that tell users of a sign-in from a new device or country."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils import timezone, translation

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Device, Session, SessionDevice, SessionType
from sessions_hub.understanding.countries import country_name
from sessions_hub.understanding.systems import system_name

from .disown import LINK_AGE, make_token
from .guard import database

logger = logging.getLogger(__name__)

_TEMPLATE = "sessions_hub/mail/alert"
# Persian and Indic names are written with them.
_JOINERS = "\u200c\u200d"


def schedule(
    endpoint: SessionDevice, causes: Sequence[str], request: HttpRequest | None, alias: str
) -> None:
    """Send the alert about `endpoint` once it is committed; whatever fails is logged.

    `causes` are some of SESSIONS_HUB_ALERTS. By a worker where TASKS names one.
    """
    arguments = {
        "endpoint_id": str(endpoint.pk),
        "causes": list(causes),
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "base_url": base_url(request),
    }
    transaction.on_commit(partial(_send_or_enqueue, arguments), using=alias, robust=True)


def base_url(request: HttpRequest | None) -> str:
    """What links begin with, without a slash at the end; empty where no host is certain.

    A host that ALLOWED_HOSTS accepts because it accepts any may be the invention of
    whoever signs in, and the user would be led there (GHSA-3529-5m8x-rpv3).
    """
    if base := conf.SESSIONS_HUB_BASE_URL:
        return base.rstrip("/")
    if request is None or "*" in settings.ALLOWED_HOSTS:
        return ""
    try:
        return request.build_absolute_uri(get_script_prefix()).rstrip("/")
    except DisallowedHost:
        return ""


def send_alert(endpoint_id: str, causes: Sequence[str], language: str, base_url: str) -> bool:
    """Compose the alert about an endpoint and send it; False when there is none to send.

    None for a user without an e-mail address, for an impersonation, on the user's
    first device, and for a second new device in one session. Raises what the database
    and the mail server raise.
    """
    alias = database()
    endpoint = (
        SessionDevice.objects.using(alias)
        .select_related("session__user", "device")
        .filter(pk=endpoint_id)
        .first()
    )
    if endpoint is None:
        return False
    user = endpoint.session.user
    if user is None or _is_impersonation(endpoint.session):
        return False
    address = getattr(user, user.get_email_field_name(), "") or ""
    causes = [cause for cause in causes if cause != "device" or _is_told_of(endpoint, alias)]
    if not address or not causes:
        return False
    with (
        translation.override(_language(user, language)),
        timezone.override(timezone.get_default_timezone()),
    ):
        message = _message(endpoint, user, address, causes, base_url)
    return bool(message.send())


def _send_or_enqueue(arguments: dict[str, Any]) -> None:
    try:
        if not _enqueue(arguments):
            send_alert(**arguments)
    # The sign-in stands, whatever becomes of its mail.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            "alert",
            "An alert about a sign-in could not be sent.",
            exc_info=True,
        )


def _enqueue(arguments: dict[str, Any]) -> bool:
    """Leave the mail to a worker; False where there is none (Django before 6.0, no TASKS)."""
    if not getattr(settings, "TASKS", None):
        return False
    try:
        from .alert_task import enqueue_alert

        return enqueue_alert(arguments)
    except ImportError:
        return False
    # A queue that is down, or settings that fit no task: better a slow answer than no mail.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "queue", "An alert could not be queued.", exc_info=True
        )
        return False


def _is_impersonation(session: Session) -> bool:
    kind = session.session_type
    return kind == SessionType.IMPERSONATION or session.impersonator_id is not None


def _is_told_of(endpoint: SessionDevice, alias: str) -> bool:
    """Whether its device is not the user's first, and the first new one of its session."""
    session, device = endpoint.session, endpoint.device
    if device is None:
        return False
    mine = Device.objects.using(alias).filter(user=session.user_id)
    oldest = mine.order_by("first_seen_at", "pk").values_list("pk", flat=True)
    first = oldest.first()
    if first is None or first == device.pk:
        return False
    new_here = oldest.filter(
        session_devices__session=session.pk, first_seen_at__gte=session.issued_at
    )
    return new_here.exclude(pk=first).first() == device.pk


def _language(user: Any, fallback: str) -> str:
    code: Any = None
    if path := conf.SESSIONS_HUB_ALERT_LANGUAGE:
        try:
            code = attrgetter(path)(user)
        # A user without a profile, or whatever a property of the site's raises.
        except Exception:  # noqa: BLE001
            log_once_a_minute(
                logger, logging.WARNING, "language", "A user's language is not known."
            )
    for candidate in (code, fallback):
        try:
            return translation.get_supported_language_variant(str(candidate or ""))
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _message(
    endpoint: SessionDevice, user: Any, address: str, causes: Sequence[str], base_url: str
) -> EmailMultiAlternatives:
    session = endpoint.session
    context = {
        "user": user,
        "name": name_of(user),
        "session": session,
        "endpoint": endpoint,
        "causes": causes,
        "is_sign_in": endpoint.first_seen_at <= session.issued_at,
        "has_ended": session.ended_at is not None,
        "is_held": session.proof_required_at is not None,
        "label": label_of(endpoint),
        "place": place_of(endpoint),
        "address": endpoint.ip or "",
        "time": endpoint.first_seen_at,
        "site": base_url,
        "link": _link(session.pk, base_url),
        "link_days": LINK_AGE.days,
    }
    subject = "".join(render_to_string(f"{_TEMPLATE}_subject.txt", context).splitlines()).strip()
    message = EmailMultiAlternatives(
        subject, render_to_string(f"{_TEMPLATE}.txt", context), to=[address]
    )
    message.attach_alternative(render_to_string(f"{_TEMPLATE}.html", context), "text/html")
    return message


def name_of(user: Any) -> str:
    """The user's name as a mail greets them: in one line, with nothing that turns others round.

    Whoever signed up with somebody else's address has chosen it.
    """
    name = " ".join(str(user.get_username()).split())
    return "".join(one for one in name if one.isprintable() or one in _JOINERS)


def label_of(endpoint: SessionDevice | Session) -> str:
    """What a person calls the client; without a name that could be taken for an address.

    Whoever signs in writes the name of an unknown program: it must put no link into
    a mail of the site's.
    """
    name = endpoint.client_name
    if name and not endpoint.client_code and not name.replace(" ", "").replace("-", "").isalnum():
        return system_name(endpoint.os_name)
    return endpoint.client_label


def place_of(endpoint: SessionDevice | Session) -> str:
    """Town and country in the active language, as far as they are known."""
    country = country_name(endpoint.country_code) if endpoint.country_code else ""
    return ", ".join(part for part in (endpoint.city, country) if part)


def _link(session_id: UUID, base_url: str) -> str:
    if not base_url:
        return ""
    try:
        path = reverse("sessions_hub:not-me", args=[make_token(session_id)])
    except NoReverseMatch:
        # The site has not included `sessions_hub.account.urls`.
        return ""
    # A worker knows no script name; it is in the base already.
    return f"{base_url}/{path.removeprefix(get_script_prefix())}"
