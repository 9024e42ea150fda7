from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sessions_hub", "0002_session_fillfactor")]

    operations = [
        migrations.AlterModelOptions(
            name="session",
            options={
                "permissions": (
                    ("end_session", "Can end sign-in sessions"),
                    ("forward_client", "Can forward the client of an end user"),
                ),
                "verbose_name": "sign-in session",
                "verbose_name_plural": "sign-in sessions",
            },
        ),
    ]
