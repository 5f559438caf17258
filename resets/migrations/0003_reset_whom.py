"""Count tries at a name that is not kept for that name, not for each reset of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add for whom tries are counted."""

    dependencies = [("resets", "0002_reset_entry")]

    operations = [
        migrations.AddField(
            model_name="reset", name="whom", field=models.CharField(blank=True, max_length=64, editable=False)
        ),
    ]
