"""An import whose process is killed while it writes a row: the next job goes on, and everybody is there once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection

from registration.importing import flow
from registration.models import AuditEvent, PeopleImport, User
from tenants.context import entered
from tests.building import Org, run_jobs
from tests.first_run.processes import ROOT, until
from tests.registration.importing.files import FROM, file, wrong

ROWS, BROKEN = 2500, 1700  # of people, and the line that has no sign-in name of ours
#: The worker's own process: it does the job, and stops for ever at one row, which is half written then.
WORKER = """
import sys, time
import django
django.setup()
import psycopg
from registration.importing import flow
from tenants.context import entered
from tenants.models import Organization
left = [int(sys.argv[2])]
write_row = psycopg.Copy.write_row
def stopping(copy, row):
    write_row(copy, row)
    left[0] -= 1
    if left[0] == 0:
        print("here", flush=True)
        time.sleep(120)
psycopg.Copy.write_row = stopping
with entered(Organization.objects.get(schema_name="contoso")):
    flow.work.work(pk=sys.argv[1])
print("done", flush=True)
"""


def worker(whole: PeopleImport, row: int) -> subprocess.Popen[str]:
    settings = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}",
    }
    command = [sys.executable, "-c", WORKER, str(whole.pk), str(row)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.django_db(transaction=True)
def test_killed_at_a_random_row_and_gone_on_with() -> None:
    seed = random.randrange(10**6)
    row = random.Random(seed).randrange(1, ROWS)
    print(f"seed {seed}: killed at row {row}")
    contoso = Org("contoso")
    with entered(contoso.row):
        chief = contoso.user("chief")
        lines = [f"p{number}@contoso.example,P {number},,," for number in range(ROWS)]
        lines[BROKEN] = "nobody@elsewhere.example,Nobody,,,"
        whole = flow.take(file(*lines), actor=chief, origin=FROM)
        run_jobs()
        flow.begin(whole.pk, links=False, actor=chief)
        with worker(whole, row) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == "here\n"
            finally:
                process.send_signal(signal.SIGKILL)
        there = User.objects.filter(sign_in_name__startswith="p").count()
        assert there in {0, 1000, 1999}, "a part is there whole, or not at all"
        assert there < ROWS - 1
        # The server notices that the killed one's connection is gone, and lets its locks go.
        assert until(lambda: not _locked(), seconds=20)
        for _turn in range(3):
            flow.work.work(pk=str(whole.pk))
        whole.refresh_from_db()
        assert whole.state == PeopleImport.State.DONE
        assert whole.data["imported"]["added"] == ROWS - 1
        assert User.objects.filter(sign_in_name__startswith="p").count() == ROWS - 1
        assert wrong(whole) == [(BROKEN + 2, "not_ours", "sign-in name")]
        told = Counter(AuditEvent.objects.values_list("activity", flat=True))
        assert told["user_added"] == ROWS - 1
        assert told["people_imported"] == 1


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and state like 'idle in transaction%%'"
        )
        (others,) = cursor.fetchone()
    time.sleep(0.05)
    return bool(others)
