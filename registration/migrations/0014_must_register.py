"""Keep of a person that an administrator asked them to register their methods anew, whatever the policy asks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the flag."""

    dependencies = [("registration", "0013_people_import")]

    operations = [
        migrations.AddField(
            model_name="user", name="must_register", field=models.BooleanField(default=False, editable=False)
        ),
    ]
