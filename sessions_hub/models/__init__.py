"""The tables."""

from __future__ import annotations

from .authentication_method import AuthenticationMethod
from .choices import AssuranceLevel, EndReason, Method, SessionType, Status
from .device import Device, SessionDevice
from .failed_sign_ins import FailedSignIns
from .querysets import SessionQuerySet
from .session import Session
from .session_token import SessionToken

__all__ = [
    "AssuranceLevel",
    "AuthenticationMethod",
    "Device",
    "EndReason",
    "FailedSignIns",
    "Method",
    "Session",
    "SessionDevice",
    "SessionQuerySet",
    "SessionToken",
    "SessionType",
    "Status",
]
