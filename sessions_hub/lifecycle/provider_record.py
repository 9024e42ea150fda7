"""Writing down what another site has told and given for the user of a session."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events
from sessions_hub.credentials.encryption import encrypt, place_of
from sessions_hub.credentials.keys import Key, key_ring
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import AuthenticationMethod, Method, Session, SessionType
from sessions_hub.models.ids import new_id

from .factors.base import ProviderGrant
from .guard import bounded_write, database
from .inserts import insert_all

# The columns that hold tokens, and the attribute of a grant that fills each.
TOKEN_COLUMNS = {
    "provider_access_token": "access_token",
    "provider_refresh_token": "refresh_token",
}
_FEDERATED = (Method.OIDC, Method.SAML)

logger = logging.getLogger(__name__)


@sensitive_variables()
def record_provider(
    session: Session | UUID,
    provider: str,
    uid: str,
    *,
    access_token: str = "",
    refresh_token: str = "",
    expires_at: datetime | None = None,
    issuer: str = "",
    acr: str = "",
    amr: Sequence[str] = (),
    organization: str = "",
) -> UUID | None:
    """Note what a provider has told and given for the user of a live session.

    Writes on the session's latest sign-in by that provider, whose user is the same
    (`issuer` and `uid`, never an e-mail address), or whose backend has not named its user.
    What is empty was not told, and leaves what is stored alone. Where there is no such
    sign-in, as with an account that is connected later, a row is added that holds the
    tokens and proves nothing: whoever is in the session could have connected an account of
    their own. To record a proof, give `start_session()` a MethodClaim. `acr` and `amr` must
    be those of a verified answer.

    Returns the id of the AuthenticationMethod; None for a session that has ended, or in
    which somebody acts as its user. Without SESSIONS_HUB_ENCRYPTION_KEYS the tokens are
    not stored, the rest is. Raises TypeError and ValueError for what cannot be stored,
    ImproperlyConfigured for a weak key, and django.db.DatabaseError; nothing is stored then.
    """
    grant = ProviderGrant(
        provider=provider,
        uid=uid,
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=expires_at,
        issuer=issuer,
        acr=acr,
        amr=tuple(amr),
        organization=organization,
    )
    # From here on in no frame that an error tracker could look into.
    access_token = refresh_token = ""
    return record_grant(session if isinstance(session, UUID) else session.pk, grant)


arecord_provider = sync_to_async(record_provider)


def record_grant(session_id: UUID, grant: ProviderGrant, *, is_sign_in: bool = True) -> UUID | None:
    """`record_provider()` for what a package's adapter has read.

    Without `is_sign_in` it may be of an account that is being connected: a sign-in whose
    backend has not named its user is not taken for that account's.
    """
    key = _writing_key(grant)
    now = timezone.now()
    alias = database()
    rows = Session.objects.using(alias).filter(pk=session_id, ended_at__isnull=True)
    rows = rows.exclude(session_type=SessionType.IMPERSONATION)
    with bounded_write(alias):
        # Locked first, as by all who add proofs: of two at once the second finds the first's.
        if rows.select_for_update().values_list("pk").first() is None:
            return None
        proof_id = _proof_of(session_id, grant, alias, is_sign_in=is_sign_in)
        if proof_id is None:
            proof_id = _add(session_id, grant, now, alias)
        mine = AuthenticationMethod.objects.using(alias).filter(pk=proof_id)
        mine.update(**_columns(grant), **_sealed(grant, proof_id, key))
        events.emit_on_commit(
            events.PROVIDER_RECORDED,
            alias,
            session_id=session_id,
            provider=grant.provider[:64],
            has_token=key is not None,
        )
    return proof_id


def forget_provider(user: AbstractBaseUser | Any, provider: str, uid: str) -> int:
    """Delete the tokens a provider gave for one of its users; return on how many proofs.

    `user` is the site's, an instance or a primary key: the account was disconnected. The
    proofs stay. Raises django.db.DatabaseError.
    """
    alias = database()
    proofs = AuthenticationMethod.objects.using(alias)
    ids = list(
        proofs.filter(
            session__user=getattr(user, "pk", user), provider=provider[:64], provider_uid=uid[:255]
        )
        .exclude(provider_access_token="", provider_refresh_token="")
        .values_list("pk", flat=True)
    )
    if not ids:
        return 0
    with bounded_write(alias):
        return proofs.filter(pk__in=ids).update(
            provider_access_token="",
            provider_refresh_token="",
            provider_access_token_expires_at=None,
        )


def _writing_key(grant: ProviderGrant) -> Key | None:
    """The key tokens are written under; None where there is no token, or no key."""
    if not (grant.access_token or grant.refresh_token):
        return None
    if ring := key_ring():
        return ring[0]
    log_once_a_minute(
        logger,
        logging.WARNING,
        "no key",
        "A provider's tokens were not stored: SESSIONS_HUB_ENCRYPTION_KEYS is empty.",
    )
    return None


def _proof_of(
    session_id: UUID, grant: ProviderGrant, alias: str, *, is_sign_in: bool
) -> UUID | None:
    """The latest sign-in of this session by the provider and its user."""
    proofs = AuthenticationMethod.objects.using(alias).filter(
        session_id=session_id, method__in=_FEDERATED
    )
    # A backend that names its provider or user not at all has left them empty.
    not_named = {""} if is_sign_in else set()
    # Compared here: a database may take upper for lower case.
    fitting = [
        (provider != "", completed_at, pk)
        for pk, completed_at, provider, uid, issuer in proofs.values_list(
            "pk", "completed_at", "provider", "provider_uid", "issuer"
        )
        if provider in {grant.provider[:64], *not_named}
        and uid in {grant.uid, *not_named}
        and (issuer == grant.issuer or "" in (issuer, grant.issuer))
    ]
    return max(fitting)[-1] if fitting else None


def _add(session_id: UUID, grant: ProviderGrant, now: datetime, alias: str) -> UUID:
    """A row for the tokens, revoked from the start: it is in no level, list or age."""
    row = AuthenticationMethod(
        id=new_id(),
        session_id=session_id,
        method=Method.OIDC,
        completed_at=now,
        revoked_at=now,
        provider=grant.provider[:64],
        provider_uid=grant.uid,
    )
    insert_all(AuthenticationMethod, [row], alias)
    return row.pk


def _columns(grant: ProviderGrant) -> dict[str, Any]:
    told: dict[str, Any] = {
        "issuer": grant.issuer,
        "upstream_acr": grant.acr[:255],
        "upstream_amr": list(grant.amr),
        "organization": grant.organization[:255],
        "provider_access_token_expires_at": grant.expires_at,
    }
    values = {name: value for name, value in told.items() if value}
    if grant.access_token:
        # It belongs to the token: of a new one without it nobody knows.
        values["provider_access_token_expires_at"] = grant.expires_at
    return {"provider": grant.provider[:64], "provider_uid": grant.uid, **values}


def _sealed(grant: ProviderGrant, proof_id: UUID, key: Key | None) -> dict[str, str]:
    if key is None:
        return {}
    return {
        column: encrypt(getattr(grant, name), place_of(AuthenticationMethod, proof_id, column), key)
        for column, name in TOKEN_COLUMNS.items()
        if getattr(grant, name)
    }
