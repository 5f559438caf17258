"""What is thrown away by the clock, for all organizations at once, in the public schema."""

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from tenants.shield import throttle


@app.periodic(cron="*/10 * * * *")
@app.task(name="tenants.housekeeping", pass_context=False)
def housekeeping(timestamp: int) -> None:
    """Delete expired counters and cache rows: the cache itself never culls (config.settings, Storage)."""
    now = timezone.now()
    throttle.forget_expired(now)
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('public.shared_cache')")
        if cursor.fetchone() != (None,):
            cursor.execute("delete from public.shared_cache where expires < %s", [now])
