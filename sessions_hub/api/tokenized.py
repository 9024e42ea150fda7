"""`?tokenize_as=`: the session one is in, as a token for a service."""

from __future__ import annotations

import logging
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied, ValidationError

from sessions_hub.credentials.jwt_errors import (
    TokenizeRefused,
    TokenizeUnavailable,
    UnknownTemplate,
)
from sessions_hub.lifecycle.signed import token_of
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session

from .errors import NoTokens

PARAMETER = "tokenize_as"

logger = logging.getLogger(__name__)


def tokenized(
    asked: QueryDict, session: Session, now: datetime, *, has_secret: bool
) -> dict[str, str]:
    """The member `tokenized` where the parameters ask for one, else nothing.

    `has_secret` is whether the session is presented by one. Answers 400 for a template
    there is not, 403 for a session that gets no such token, 503 where the site cannot make
    one.
    """
    template = asked.get(PARAMETER)
    if template is None:
        return {}
    try:
        return {"tokenized": token_of(session, template, has_secret=has_secret, now=now)}
    except UnknownTemplate:
        raise ValidationError({PARAMETER: [_("There is no such template.")]}) from None
    except TokenizeRefused as error:
        message = _("This session gets no such token.")
        raise PermissionDenied(message, code=f"tokenize_{error.code}") from None
    except TokenizeUnavailable as error:
        log_once_a_minute(logger, logging.ERROR, str(error), "No token was made: %s", error)
        raise NoTokens from None
