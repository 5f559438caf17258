"""Keep beside a device what tells whether it is still enough. Who registered questions before registers them once more."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the marks of a device."""

    dependencies = [("registration", "0008_default_method")]

    operations = [
        migrations.AddField(
            model_name="device",
            name="marks",
            field=django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=64), blank=True, default=list, editable=False, size=None
            ),
        ),
    ]
