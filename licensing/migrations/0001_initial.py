"""The subscriptions of organizations."""

import django.db.models.deletion
import licensing.labels
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('edition', models.CharField(choices=licensing.labels.edition_choices, max_length=16, verbose_name='edition')),
                ('trial_ends', models.DateField(blank=True, help_text='The trial runs through this day, in Universal Time. Empty: it is paid, and has no end.', null=True, verbose_name='last day of the trial')),
                ('seats', models.PositiveIntegerField(blank=True, help_text='How many people were agreed on. Empty: no number was.', null=True, verbose_name='seats')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='subscription', to='tenants.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'subscription',
                'verbose_name_plural': 'subscriptions',
                'ordering': ['organization__name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('edition__in', ['free', 'p1', 'p2', 'business', 'm365'])), name='subscription_edition_known'), models.CheckConstraint(condition=models.Q(('trial_ends', None), models.Q(('edition', 'free'), _negated=True), _connector='OR'), name='subscription_no_trial_of_free'), models.CheckConstraint(condition=models.Q(('seats', None), ('seats__gte', 1), _connector='OR'), name='subscription_seats_positive')],
            },
        ),
    ]
