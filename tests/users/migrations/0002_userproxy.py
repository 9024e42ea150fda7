import django.contrib.auth.models
from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UserProxy",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            # Whichever user model the suite runs with.
            bases=(settings.AUTH_USER_MODEL.lower(),),
            managers=[("objects", django.contrib.auth.models.UserManager())],
        ),
    ]
