"""Keep of a reset who began it for the person, and by what they came in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add both."""

    dependencies = [("resets", "0003_reset_whom")]

    operations = [
        migrations.AddField(
            model_name="reset",
            name="helped_by",
            field=models.CharField(blank=True, max_length=254, verbose_name="started by"),
        ),
        migrations.AddField(
            model_name="reset", name="help", field=models.CharField(blank=True, editable=False, max_length=16)
        ),
    ]
