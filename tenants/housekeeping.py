"""What the clock does for all organizations at once, in the public schema: throw away, and pick up what a dead worker left."""

from django.db import connection
from django.utils import timezone
from procrastinate import JobContext
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


@app.periodic(cron="* * * * *")
@app.task(name="tenants.rescue", queueing_lock="tenants.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Hand the jobs of a worker that died in the middle of them to another; a worker's heart beats every 10 s."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
