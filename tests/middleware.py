"""A middleware that signs people in, as header-based single sign-on does."""

from __future__ import annotations

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth import alogin, get_user_model, login

from tests import views


class HeaderLoginMiddleware:
    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        if iscoroutinefunction(self.get_response):
            return self.acall(request)
        if name := request.headers.get("X-Sign-In"):
            user = get_user_model()._default_manager.get_by_natural_key(name)
            login(request, user, backend=views.BACKEND)
        return self.get_response(request)

    async def acall(self, request):
        if name := request.headers.get("X-Sign-In"):
            user = await get_user_model()._default_manager.aget_by_natural_key(name)
            await alogin(request, user, backend=views.BACKEND)
        return await self.get_response(request)
