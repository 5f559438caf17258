"""Let what keeps one person waiting be found by whom it counts for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the digest of a counter's subject; those that count already have none and run out within a day."""

    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="counter",
            name="subject",
            field=models.CharField(db_index=True, default="", max_length=64),
            preserve_default=False,
        ),
    ]
