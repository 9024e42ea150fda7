"""Making tokens: a session as a signed text that other services verify by themselves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.db import router
from django.db.models import Exists, OuterRef

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    Session,
    SessionQuerySet,
    SessionToken,
    SessionType,
)
from sessions_hub.understanding.amr import amr_of

from .jws import read_compact, signing_input, write_compact
from .jwt_algorithms import sign
from .jwt_claims import RESERVED, check_shape
from .jwt_errors import InvalidToken, TokenizeRefused, TokenizeUnavailable
from .jwt_keys import RingKey, key_ring
from .jwt_purposes import Purpose
from .jwt_templates import Template, template_named

__all__ = ["atokenize", "tokenize"]

logger = logging.getLogger(__name__)


def tokenize(session: Session, template: str, *, now: datetime, level: int | None = None) -> str:
    """A token of the session, as SESSIONS_HUB_TOKENIZE_TEMPLATES has it under `template`.

    It says `iss`, `sub` (the user's primary key), `aud`, `exp`, `nbf`, `iat`, `jti`,
    `sid` (the session), `auth_time`, `acr` (`aal0` to `aal3`) and `amr` (RFC 8176);
    `act` (RFC 8693 §4.1) where somebody acts as the user, `scope` where the session is
    limited to some; and what the template adds. It expires with the session at the
    latest, as the session is when it is made: the row is read anew.

    `level` is the session's assurance level where it has been judged; it can only
    lower that of the row.

    Raises UnknownTemplate; TokenizeRefused for a session that gets none;
    TokenizeUnavailable where keys, settings or the template's function do not allow it;
    and django.db.Error where the database does not tell. Two SELECTs, one more for an
    impersonation.
    """
    chosen, key = _chosen(template)
    row = _read_anew(session)
    return _made(row, chosen, key, now, level, lambda: _standing_proofs(row))


def tokenize_row(
    row: Session,
    proofs: Sequence[AuthenticationMethod],
    template: str,
    *,
    has_secret: bool,
    now: datetime,
    level: int | None = None,
) -> str:
    """`tokenize()` of a session that has just been read, with its user and standing proofs.

    `has_secret` is whether it is presented by one. No SELECT, one for an impersonation.
    """
    chosen, key = _chosen(template)
    row.has_secret = has_secret  # type: ignore[attr-defined]
    ordered = sorted(proofs, key=lambda proof: (proof.completed_at, proof.pk))
    return _made(row, chosen, key, now, level, lambda: ordered)


def _chosen(template: str) -> tuple[Template, RingKey]:
    chosen = template_named(template)
    key = key_ring().signing_key(chosen.alg)
    if not conf.SESSIONS_HUB_JWT_ISSUER:
        raise TokenizeUnavailable("SESSIONS_HUB_JWT_ISSUER is not set.")
    return chosen, key


def _made(
    row: Session,
    chosen: Template,
    key: RingKey,
    now: datetime,
    level: int | None,
    standing: Callable[[], list[AuthenticationMethod]],
) -> str:
    until = _seconds(_end_of(row, now))
    if (code := _refusal(row, chosen)) is not None:
        raise TokenizeRefused(code)
    if until <= _seconds(now):
        # The end is nearer than a token can say.
        raise TokenizeRefused("ended")
    own = _own_claims(chosen, row)
    claims = own | _registered_claims(row, chosen, now, until, level, standing())
    return signed(claims, Purpose.SESSION, key)


atokenize = sync_to_async(tokenize)


def signed(claims: dict[str, Any], purpose: Purpose, key: RingKey) -> str:
    """The claims as a token for a purpose.

    Raises TokenizeUnavailable for claims that a verifier of ours would not read: what is
    no plain JSON, has a wrong type, or is too long.
    """
    header = {"alg": key.algorithm, "typ": purpose.value, "kid": key.kid}
    try:
        message = signing_input(header, claims)
        token = write_compact(message, sign(message, key.key, key.algorithm))
        # As it will be read: {1: …, "1": …} is no dict of Python's that JSON can hold.
        check_shape(read_compact(token).claims(), purpose)
    except (TypeError, ValueError, RecursionError):
        raise TokenizeUnavailable("The claims of the token are no JSON.") from None
    except InvalidToken as error:
        raise TokenizeUnavailable(f"The token would be refused: {error}") from None
    return token


def _rows() -> SessionQuerySet:
    return Session.objects.using(router.db_for_write(Session)).select_related("user")


def _read_anew(session: Session) -> Session:
    secrets = SessionToken.objects.filter(session=OuterRef("pk"))
    row = _rows().filter(pk=session.pk).annotate(has_secret=Exists(secrets)).first()
    if row is None:
        raise TokenizeRefused("ended")
    return row


def _end_of(row: Session, now: datetime) -> datetime:
    """When the session ends at the latest. Raises TokenizeRefused where it is over.

    An impersonation hangs on the impersonator's own session as well.
    """
    lives = [row]
    if row.impersonator_session_id is not None:
        own = _rows().filter(pk=row.impersonator_session_id).first()
        if own is None:
            raise TokenizeRefused("ended")
        lives.append(own)
    if not all(life.is_active(now) for life in lives):
        raise TokenizeRefused("ended")
    return min(min(life.expires_at, life.idle_expires_at) for life in lives)


def _refusal(row: Session, template: Template) -> str | None:
    if row.proof_required_at is not None and conf.SESSIONS_HUB_ENFORCE:
        return "proof_required"
    if row.session_type == SessionType.TEMPORARY:
        return "temporary"
    # Without the impersonator the token would say that the user acts.
    if row.is_impersonation and not (template.impersonation and row.impersonator_id):
        return "impersonation"
    if row.audience and set(template.audience) != {row.audience}:
        return "audience"
    return None


def _registered_claims(
    row: Session,
    template: Template,
    now: datetime,
    until: int,
    level: int | None,
    standing: list[AuthenticationMethod],
) -> dict[str, Any]:
    issued = _seconds(now)
    known = row.assurance_level if level is None else min(level, row.assurance_level)
    claims: dict[str, Any] = {
        "iss": conf.SESSIONS_HUB_JWT_ISSUER,
        "sub": str(row.user_id),
        "aud": template.audience[0] if len(template.audience) == 1 else list(template.audience),
        "exp": min(issued + template.ttl // timedelta(seconds=1), until),
        "nbf": issued,
        "iat": issued,
        # Random: RFC 7519 §4.1.7 asks for no more than that no two are alike.
        "jti": str(uuid4()),
        "sid": str(row.pk),
        "auth_time": _seconds(row.authenticated_at),
        "acr": f"aal{known}",
        "amr": amr_of(standing, multi_factor=known >= AssuranceLevel.AAL2),
    }
    if row.is_impersonation:
        claims["act"] = {"sub": str(row.impersonator_id)}
    if row.scopes or getattr(row, "has_secret", False):
        # RFC 8693 §4.2. A token that did not say so could do more than its session: that
        # of a program without scopes may do nothing, and says "".
        claims["scope"] = " ".join(row.scopes)
    return claims


def _standing_proofs(row: Session) -> list[AuthenticationMethod]:
    proofs = AuthenticationMethod.objects.using(router.db_for_write(AuthenticationMethod))
    standing = proofs.filter(session=row.pk, revoked_at__isnull=True)
    return list(standing.order_by("completed_at", "pk"))


def _own_claims(template: Template, row: Session) -> dict[str, Any]:
    try:
        found = dict(template.own_claims(row))
    # Whatever the site's function does wrong, no half token is made of it.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            str(template.claims),
            "The claims function of a tokenize template failed; no token was made.",
            exc_info=True,
        )
        raise TokenizeUnavailable("The template's claims function failed.") from None
    if taken := sorted(RESERVED.intersection(found)):
        raise TokenizeUnavailable(f"The template's function may not say: {', '.join(taken)}.")
    if not all(isinstance(name, str) for name in found):
        raise TokenizeUnavailable("The template's claims have names that are no text.")
    return found


def _seconds(moment: datetime) -> int:
    # Rounded down: never past the instant the session ends.
    return int(moment.timestamp() // 1)
