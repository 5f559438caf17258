"""Keep the audit trail as long as is chosen and the edition allows, and find whoever is looked for in it."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registration', '0010_policy_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSettings',
            fields=[
            ],
            options={
                'verbose_name': 'audit log settings',
                'verbose_name_plural': 'audit log settings',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('registration.policy',),
        ),
        migrations.CreateModel(
            name='Usage',
            fields=[
            ],
            options={
                'verbose_name': 'usage & insights',
                'verbose_name_plural': 'usage & insights',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('registration.auditevent',),
        ),
        migrations.AddField(
            model_name='policy',
            name='audit_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='7 to 365, and not more than your edition allows. Empty: what your edition keeps.', null=True, validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(365)], verbose_name='days that audit events are kept'),
        ),
        migrations.AddField(
            model_name='policy',
            name='audit_kept_days',
            # Who is here already has had nothing deleted: what is older goes only after it has been announced.
            field=models.PositiveSmallIntegerField(default=365, editable=False),
        ),
        migrations.AlterField(
            model_name='policy',
            name='audit_kept_days',
            field=models.PositiveSmallIntegerField(default=7, editable=False),
        ),
        migrations.AddField(
            model_name='policy',
            name='audit_next_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='policy',
            name='audit_next_days',
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['subject'], name='audit_subject', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor'], name='audit_actor', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('audit_days__range', (7, 365))), name='policy_audit_days'),
        ),
    ]
