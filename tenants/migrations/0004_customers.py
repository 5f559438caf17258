import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Verify hosts, keep how each organization stands, and keep how far the making of one has come."""

    dependencies = [("tenants", "0003_baselines_and_visits")]

    operations = [
        # Every host that is there is served, so it counts as verified from now on.
        migrations.AddField(
            "domain",
            "verified_at",
            models.DateTimeField(
                blank=True, default=django.utils.timezone.now, null=True, verbose_name="verified"
            ),
        ),
        migrations.AlterField(
            "domain", "verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified")
        ),
        migrations.CreateModel(
            name="Glance",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="glance",
                        serialize=False,
                        to="tenants.organization",
                        verbose_name="organization",
                    ),
                ),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("scope", models.CharField(blank=True, max_length=16, verbose_name="reset enabled for")),
                ("people", models.PositiveIntegerField(default=0, verbose_name="people")),
                ("registered", models.PositiveIntegerField(default=0, verbose_name="registered")),
                ("percent", models.PositiveSmallIntegerField(null=True, verbose_name="percent registered")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed deliveries")),
                ("last_reset_at", models.DateTimeField(null=True, verbose_name="last reset")),
            ],
            options={
                "verbose_name": "state at a glance",
                "verbose_name_plural": "states at a glance",
            },
        ),
        migrations.CreateModel(
            name="Creation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("actor", models.CharField(max_length=254)),
                ("wanted", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "under way"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=16)),
                ("field", models.CharField(blank=True, max_length=32)),
                ("problem", models.TextField(blank=True)),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="creations",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "creation",
                "verbose_name_plural": "creations",
                "ordering": ["-at"],
            },
        ),
    ]
