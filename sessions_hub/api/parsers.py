"""Bodies of requests: JSON in UTF-8 (RFC 8259), of bounded size and depth, and forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn, cast

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.renderers import JSONRenderer

LARGEST = 64 * 1024


class BodyTooLarge(APIException):
    """More than any call here has to say."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The body of the request is too large.")
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """JSON that the site's settings make neither laxer nor larger.

    DRF's own reads bodies of any size, in whatever encoding the client names, and fails
    where objects lie too deep in each other.
    """

    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise BodyTooLarge
        try:
            parsed: dict[str, Any] = json.loads(body.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise ParseError(_("The body of the request is no JSON.")) from None
        return parsed


class BoundedFormParser(FormParser):
    """A form within Django's own limits: DRF's ends in a page where there are too many fields."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        largest = cast("int | None", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        body = stream.read() if largest is None else stream.read(largest + 1)
        # Some versions of Django look at the size of `request.body` alone.
        if largest is not None and len(body) > largest:
            raise BodyTooLarge
        try:
            return QueryDict(body)
        except TooManyFieldsSent:
            raise ParseError(_("The form has too many fields.")) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON.")
