from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_hub", "0003_forward_client_permission"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="session",
            options={
                "permissions": (
                    ("end_session", "Can end sign-in sessions"),
                    ("forward_client", "Can forward the client of an end user"),
                    ("impersonate_user", "Can sign in as another user"),
                ),
                "verbose_name": "sign-in session",
                "verbose_name_plural": "sign-in sessions",
            },
        ),
        migrations.AddField(
            model_name="authenticationmethod",
            name="backup_eligible",
            field=models.BooleanField(blank=True, null=True, verbose_name="can be synced"),
        ),
        migrations.AddField(
            model_name="authenticationmethod",
            name="factor",
            field=models.CharField(
                blank=True, default="", max_length=255, verbose_name="authenticator"
            ),
        ),
        migrations.AddField(
            model_name="authenticationmethod",
            name="revoked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="revoked"),
        ),
        migrations.AddField(
            model_name="authenticationmethod",
            name="user_verified",
            field=models.BooleanField(blank=True, null=True, verbose_name="user verified"),
        ),
        migrations.AddField(
            model_name="session",
            name="impersonator_session_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="proof_required_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="proof required"),
        ),
    ]
