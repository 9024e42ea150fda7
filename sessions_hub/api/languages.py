"""Answers in the reader's language, also where the site has no LocaleMiddleware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers


def answered_in_language(
    request: HttpRequest, answer: Callable[..., HttpResponseBase], *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """What `answer` makes of the request, in the language it asks for.

    Names of countries and texts of errors are told in it. LocaleMiddleware has chosen
    already where there is one, maybe by the URL, and says so in `Vary` itself.
    """
    if hasattr(request, "LANGUAGE_CODE"):
        return answer(request, *args, **kwargs)
    with translation.override(translation.get_language_from_request(request)):
        response = answer(request, *args, **kwargs)
    patch_vary_headers(response, ("Accept-Language",))
    return response
