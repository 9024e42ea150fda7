"""What a user could prove: asked anew each time, never kept.

A level that is remembered lets somebody skip a factor they have set up since.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import AssuranceLevel, Method
from sessions_hub.understanding.methods import MethodClaim

from . import factors, proofs
from .factors import Factor

logger = logging.getLogger(__name__)

PASSWORD = MethodClaim(method=Method.PASSWORD.value)


def available_level(user: Any) -> AssuranceLevel:
    """The highest level the user can prove with what they have now; aal0 for nobody.

    Raises what the tables of the factor packages raise.
    """
    return proofs.level_of_claims(_claims(user))


def available_methods(user: Any) -> frozenset[str]:
    """The methods the user can prove themselves with now, as `Method` names them.

    A usable password, confirmed devices of django-otp, authenticators of
    django-allauth, and what SESSIONS_HUB_FACTOR_SOURCES tell.
    """
    return frozenset(claim.method for claim in _claims(user))


def has_password(user: Any) -> bool:
    """Whether the user can be asked for a password."""
    return _is_somebody(user) and bool(user.has_usable_password())


def askable(user: Any) -> list[Factor]:
    """The factors this site can ask the user for: by a code, or by a script that asks a key."""
    if not _is_somebody(user):
        return []
    return [factor for factor in factors.factors_of(user) if factor.can_be_asked]


def _claims(user: Any) -> list[MethodClaim]:
    if not _is_somebody(user):
        return []
    claims = [PASSWORD] if has_password(user) else []
    claims += [factor.claim for factor in factors.factors_of(user)]
    claims += [MethodClaim(method=method) for method in _told(user)]
    return claims


def _is_somebody(user: Any) -> bool:
    return isinstance(user, get_user_model()) and user.is_active


def _told(user: Any) -> Iterator[str]:
    """The methods the site's own sources name; one that fails counts as nothing."""
    for path in conf.SESSIONS_HUB_FACTOR_SOURCES:
        try:
            methods = [str(method) for method in import_string(path)(user)]
        except Exception:  # noqa: BLE001
            log_once_a_minute(
                logger,
                logging.ERROR,
                f"source:{path}",
                "A source of factors failed and counts as nothing: %s",
                path,
                exc_info=True,
            )
            continue
        yield from (method for method in methods if method in Method.values)
