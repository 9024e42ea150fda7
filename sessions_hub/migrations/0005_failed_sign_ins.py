from django.db import migrations, models

import sessions_hub.models.ids


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_hub", "0004_assurance_and_impersonation"),
    ]

    operations = [
        migrations.CreateModel(
            name="FailedSignIns",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sessions_hub.models.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("slot", models.PositiveSmallIntegerField(verbose_name="slot")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="failed sign-ins")),
            ],
            options={
                "verbose_name": "failed sign-ins",
                "verbose_name_plural": "failed sign-ins",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("starts_at", "slot"), name="sessions_hub_failedsignins_slot"
                    )
                ],
            },
        ),
    ]
