"""Keep what the provider asks of organizations, and when its operators were at their desks."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add baselines, who is held to them, what was rolled out, and visits: in public alone."""

    dependencies = [
        ('tenants', '0002_counter_subject'),
    ]

    operations = [
        migrations.CreateModel(
            name='BaselineBoard',
            fields=[
            ],
            options={
                'verbose_name': "organization's baseline",
                'verbose_name_plural': 'baseline board',
                'ordering': ['name'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('tenants.organization',),
        ),
        migrations.CreateModel(
            name='Baseline',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='Organizations see it. Such as “Standard”.', max_length=60, unique=True, verbose_name='name')),
                ('settings', models.JSONField(blank=True, default=dict, verbose_name='settings')),
                ('for_new', models.BooleanField(default=False, help_text='Each new organization begins with it. One baseline at most. Default: no.', verbose_name='for new organizations')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'baseline',
                'verbose_name_plural': 'baselines',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('for_new', True)), fields=('for_new',), name='baseline_one_for_new')],
            },
        ),
        migrations.CreateModel(
            name='BaselineUse',
            fields=[
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='baseline_use', serialize=False, to='tenants.organization')),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('below', models.JSONField(default=dict)),
                ('baseline', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='tenants.baseline')),
            ],
            options={
                'verbose_name': 'use of a baseline',
                'verbose_name_plural': 'uses of baselines',
            },
        ),
        migrations.CreateModel(
            name='Rollout',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('dry', 'Dry run'), ('apply', 'Applied'), ('release', 'Released')], max_length=7, verbose_name='kind')),
                ('baseline_name', models.CharField(blank=True, max_length=60, verbose_name='baseline')),
                ('settings', models.JSONField(default=dict)),
                ('actor', models.CharField(max_length=254, verbose_name='actor')),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='date and time')),
                ('baseline', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rollouts', to='tenants.baseline')),
            ],
            options={
                'verbose_name': 'baseline report',
                'verbose_name_plural': 'baseline reports',
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('operator', models.UUIDField(editable=False)),
                ('operator_name', models.CharField(max_length=254, verbose_name='operator')),
                ('operator_sessions', models.CharField(editable=False, max_length=64)),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='minutes')),
                ('may_change', models.BooleanField(default=False, verbose_name='may change settings')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('asked_at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='date and time')),
                ('ticket_until', models.DateTimeField(editable=False)),
                ('entered_at', models.DateTimeField(null=True, verbose_name='entered')),
                ('ends_at', models.DateTimeField(null=True, verbose_name='until')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('ended_by', models.CharField(blank=True, max_length=16, verbose_name='ended by')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='tenants.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'visit',
                'verbose_name_plural': 'visits',
                'ordering': ['-asked_at'],
            },
        ),
        migrations.CreateModel(
            name='RolloutLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('schema', models.CharField(max_length=63)),
                ('name', models.CharField(max_length=100)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('refused', 'refused'), ('failed', 'failed')], default='waiting', max_length=9)),
                ('reason', models.CharField(blank=True, max_length=64)),
                ('changes', models.JSONField(default=dict)),
                ('able_before', models.PositiveIntegerField(null=True)),
                ('able_after', models.PositiveIntegerField(null=True)),
                ('at', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenants.organization')),
                ('rollout', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='tenants.rollout')),
            ],
            options={
                'verbose_name': 'line of a baseline report',
                'verbose_name_plural': 'lines of baseline reports',
                'ordering': ['name', 'schema'],
                'constraints': [models.UniqueConstraint(fields=('rollout', 'schema'), name='rollout_line_once_an_organization')],
            },
        ),
    ]
