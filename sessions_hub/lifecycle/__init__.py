"""Who writes rows, and when. What other code calls is importable from here."""

from __future__ import annotations

from sessions_hub.capture import ClientSnapshot
from sessions_hub.tombstones import Ends, watch_ends
from sessions_hub.understanding.methods import MethodClaim

from .available import available_level, available_methods
from .current import acurrent_session, current_session
from .end import aend_session, aend_sessions, end_session, end_sessions
from .exceptions import (
    FactorNotRevoked,
    NotSignedIn,
    SessionNotEnded,
    SessionNotRecorded,
    SessionsHubError,
    TokenNotRotated,
    TooManySessions,
    Unavailable,
)
from .extend import Extension, aextend_session, extend_session
from .forget import aforget_device, forget_device
from .forward import ForwardingDenied, aforward_client, forward_client
from .impersonation import (
    astart_impersonation,
    astop_impersonation,
    start_impersonation,
    stop_impersonation,
)
from .impersonation_rules import ImpersonationDenied
from .policy import Refusal
from .provider_record import arecord_provider, forget_provider, record_provider
from .provider_tokens import (
    ProviderTokens,
    ProviderTokensDenied,
    ProviderTokenUnreadable,
    aprovider_tokens,
    provider_tokens,
)
from .requirement import Requirement, shortfall
from .revoke import revoke_factor
from .start import astart_session, start_session
from .tenants import TenantNotSwitched, aswitch_tenant, switch_tenant
from .tokens import Issued, astart_token_session, rotate_token, start_token_session
from .verify import averify, verify

__all__ = [
    "ClientSnapshot",
    "Ends",
    "Extension",
    "FactorNotRevoked",
    "ForwardingDenied",
    "ImpersonationDenied",
    "Issued",
    "MethodClaim",
    "NotSignedIn",
    "ProviderTokenUnreadable",
    "ProviderTokens",
    "ProviderTokensDenied",
    "Refusal",
    "Requirement",
    "SessionNotEnded",
    "SessionNotRecorded",
    "SessionsHubError",
    "TenantNotSwitched",
    "TokenNotRotated",
    "TooManySessions",
    "Unavailable",
    "acurrent_session",
    "aend_session",
    "aend_sessions",
    "aextend_session",
    "aforget_device",
    "aforward_client",
    "aprovider_tokens",
    "arecord_provider",
    "astart_impersonation",
    "astart_session",
    "astart_token_session",
    "astop_impersonation",
    "aswitch_tenant",
    "available_level",
    "available_methods",
    "averify",
    "current_session",
    "end_session",
    "end_sessions",
    "extend_session",
    "forget_device",
    "forget_provider",
    "forward_client",
    "provider_tokens",
    "record_provider",
    "revoke_factor",
    "rotate_token",
    "shortfall",
    "start_impersonation",
    "start_session",
    "start_token_session",
    "stop_impersonation",
    "switch_tenant",
    "verify",
    "watch_ends",
]
