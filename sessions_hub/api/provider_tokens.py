"""The one route that hands out what providers gave, where the site says so."""

from __future__ import annotations

from typing import TypedDict

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle.provider_tokens import (
    ProviderTokensDenied,
    ProviderTokenUnreadable,
    provider_tokens,
)

from .errors import NoSuchSession, ReauthenticationRequired, TokensRefused
from .formats import Identifier, Moment, time_or_null
from .own import OwnSessionsViewSet
from .requests import NoMembers


class TokenUnreadable(APIException):
    """What is stored cannot be decrypted; nothing of it is shown."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("The tokens of this session cannot be read right now.")
    default_code = "provider_token_unreadable"


class ProviderTokenObject(TypedDict):
    """What the provider of one proof gave."""

    authentication_method: Identifier
    provider: str
    provider_uid: str
    issuer: str
    provider_access_token: str
    provider_refresh_token: str
    provider_access_token_expires_at: Moment | None


class ProviderTokensObject(TypedDict):
    """What providers gave, that of the latest proof first."""

    provider_tokens: list[ProviderTokenObject]


class ProviderTokenActions(OwnSessionsViewSet):
    """`POST sessions/{id}/provider-tokens/`: for the owner, in a browser, freshly proven.

    It names no scope, so no token opens it. A POST, so that no log, history or cache of
    addresses leads there again.
    """

    @action(detail=True, methods=["post"], url_path="provider-tokens")
    @sensitive_variables()
    def provider_tokens(self, request: Request, pk: str) -> Response:
        """The provider's tokens of one of mine, those of the latest proof first."""
        NoMembers(data=request.data).is_valid(raise_exception=True)
        session = self.get_object()
        try:
            found = provider_tokens(session, by=self.user, request=request._request)
        except ProviderTokensDenied as denial:
            if denial.shortfall is not None:
                raise ReauthenticationRequired(denial.shortfall, is_told=True) from denial
            if denial.code == "owner":
                raise NoSuchSession from denial
            raise TokensRefused(str(denial), code=denial.code) from denial
        except ProviderTokenUnreadable as error:
            raise TokenUnreadable from error
        shown: list[ProviderTokenObject] = [
            {
                "authentication_method": str(one.method_id),
                "provider": one.provider,
                "provider_uid": one.uid,
                "issuer": one.issuer,
                "provider_access_token": one.access_token,
                "provider_refresh_token": one.refresh_token,
                "provider_access_token_expires_at": time_or_null(one.expires_at),
            }
            for one in found
        ]
        answer: ProviderTokensObject = {"provider_tokens": shown}
        return Response(answer)
