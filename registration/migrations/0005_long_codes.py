"""Let a challenge ask for a code that nobody guesses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add whether a challenge asks for a long code."""

    dependencies = [("registration", "0004_security_questions")]

    operations = [
        migrations.AddField(model_name="challenge", name="long", field=models.BooleanField(default=False)),
    ]
