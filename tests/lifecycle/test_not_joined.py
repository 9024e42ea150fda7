"""Users that cannot be read along are read by a query of their own, and a check says why."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from sessions_hub.lifecycle import joined
from sessions_hub.lifecycle.guard import database
from tests.lifecycle.test_query_counts import Statements

from .joined_site import DJANGO, HERE, OURS, seen
from .joined_site import fast as fast
from .joined_site import nothing_kept as nothing_kept
from .joined_site import site as site

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TenantQuerySet(models.QuerySet):
    def get(self, *args, **kwargs):
        return super().get(*args, **kwargs)


class TenantManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)


class OwnGetManager(models.Manager):
    def get(self, *args, **kwargs):
        return super().get(*args, **kwargs)


class PlainQuerySet(models.QuerySet):
    def old(self):
        return self.filter(date_joined__year__lt=2020)


class TestWhatCannotBeJoined:
    @pytest.fixture
    def manager(self, monkeypatch):
        """Gives the user model another default manager."""
        model = get_user_model()

        def give(manager) -> None:
            manager.model = model
            manager.name = "objects"
            monkeypatch.setitem(vars(model._meta), "default_manager", manager)
            joined._why_not_compiled.cache_clear()

        yield give
        monkeypatch.undo()
        joined._why_not_compiled.cache_clear()

    @pytest.mark.parametrize(
        "make",
        [
            TenantManager,
            OwnGetManager,
            lambda: models.Manager.from_queryset(TenantQuerySet)(),
        ],
        ids=["get_queryset", "get", "queryset"],
    )
    def test_managers_that_select_in_a_way_of_their_own(self, fast, manager, make):
        manager(make())
        assert "default manager" in joined.why_not_joined(database())
        with Statements() as ran:
            assert fast.get("/look/").content == b"ada"
        assert len(ran.all) == 3
        assert "sessions_hub.W130" in {message.id for message in run_checks()}

    def test_a_manager_filter_is_kept(self, fast, manager, user):
        manager(TenantManager())
        type(user)._base_manager.update(is_active=False)
        fast.get("/look/")
        assert isinstance(seen.user, AnonymousUser)

    def test_a_manager_with_more_verbs_is_no_hindrance(self, fast, manager):
        manager(models.Manager.from_queryset(PlainQuerySet)())
        assert joined.why_not_joined(database()) == ""
        with Statements() as ran:
            assert fast.get("/look/").content == b"ada"
        assert len(ran.all) == 2

    def test_users_that_are_read_from_another_database(self, fast, settings):
        settings.DATABASE_ROUTERS = [ReplicaRouter()]
        assert "'replica'" in joined.why_not_joined(database())
        assert joined.why_not_joined("replica") == ""

    @isolate_apps("tests.users")
    def test_users_of_another_model_than_the_tables_were_made_for(self):
        class Stranger(models.Model):
            class Meta:
                app_label = "users"

        assert "not the model" in joined._why_not_compiled(Stranger)


class ReplicaRouter:
    """Users are read from a replica."""

    def db_for_read(self, model, **hints):
        return "replica" if model is get_user_model() else None


class TestChecks:
    @staticmethod
    def ids() -> set[str]:
        return {m.id.removeprefix("sessions_hub.") for m in run_checks() if "_hub.W13" in m.id}

    def test_ours_before_djangos_is_silent(self):
        assert self.ids() == set()

    def test_ours_behind_djangos_gets_no_sign_in(self, settings):
        settings.AUTHENTICATION_BACKENDS = [DJANGO, OURS]
        assert self.ids() == {"W132"}

    def test_a_mixin_that_cannot_work_is_named(self, settings):
        settings.AUTHENTICATION_BACKENDS = [f"{HERE}.MixedByCache"]
        assert self.ids() == {"W131"}

    def test_a_site_without_ours_is_not_bothered(self, settings):
        settings.AUTHENTICATION_BACKENDS = [DJANGO]
        settings.DATABASE_ROUTERS = [ReplicaRouter()]
        assert self.ids() == set()

    def test_users_on_another_database_are_named(self, settings):
        settings.DATABASE_ROUTERS = [ReplicaRouter()]
        assert self.ids() == {"W130"}
