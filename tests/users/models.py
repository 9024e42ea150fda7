"""User models the hub must work with, chosen by HUB_TEST_USER_MODEL."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, BaseUserManager
from django.db import models


class UuidUser(AbstractUser):
    """A user with a UUID key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    groups = models.ManyToManyField("auth.Group", related_name="+", blank=True)
    user_permissions = models.ManyToManyField("auth.Permission", related_name="+", blank=True)


class StringUser(AbstractUser):
    """A user whose name is the key."""

    username = models.CharField(max_length=100, primary_key=True)
    groups = models.ManyToManyField("auth.Group", related_name="+", blank=True)
    user_permissions = models.ManyToManyField("auth.Permission", related_name="+", blank=True)


class UserProxy(get_user_model()):
    """A proxy of whatever the user model is, as packages and admins make them."""

    class Meta:
        proxy = True


class Member(get_user_model()):
    """A child with a table of its own (multi-table inheritance)."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, parent_link=True, primary_key=True
    )

    class Meta:
        verbose_name = "member"


class CustomerManager(BaseUserManager["Customer"]):
    def get_by_natural_key(self, username: str) -> Customer:
        return self.get(email=username)


class Customer(AbstractBaseUser):
    """A user of a second model, signed in through a backend of its own."""

    email = models.EmailField(unique=True)

    objects = CustomerManager()
    USERNAME_FIELD = "email"


class CustomerBackend:
    """Signs customers in."""

    def authenticate(self, request, email=None, password=None):
        customer = Customer.objects.filter(email=email).first()
        return customer if customer and customer.check_password(password) else None

    def get_user(self, user_id):
        return Customer.objects.filter(pk=user_id).first()
