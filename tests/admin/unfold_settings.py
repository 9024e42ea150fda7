"""The tests' site with django-unfold before Django's admin."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = ["unfold", *APPS]
ROOT_URLCONF = "tests.admin.unfold_site"
