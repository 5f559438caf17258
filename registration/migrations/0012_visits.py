"""Let an organization say whether the provider may enter its desk."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the switch of the policy; yes, as for a new organization."""

    dependencies = [
        ('registration', '0011_audit_trail'),
    ]

    operations = [
        migrations.AddField(
            model_name='policy',
            name='provider_may_enter',
            field=models.BooleanField(default=True, help_text='For a limited time and with a reason; the audit log shows each visit and each change made in it. Switching it off ends a visit. Default: yes.', verbose_name='the provider may enter this desk'),
        ),
    ]
