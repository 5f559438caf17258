"""Jobs of an organization run inside it, as long as it is there; mail wears its look and speaks its person's language."""

from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.db import connection, transaction

from registration import delivery
from tenants import journal, links, mail, provisioning
from tenants.context import current, current_schema, entered
from tenants.jobs import organization_job
from tenants.models import JournalEntry
from tests.building import Org, run_jobs

seen: list[tuple[str, str]] = []


@organization_job(name="tests.note")
def note(*, text: str) -> None:
    """Write down where it runs."""
    seen.append((current().schema_name, text))


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def waiting() -> int:
    """Count the jobs that wait."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from public.procrastinate_jobs where status = 'todo'")
        return int(cursor.fetchone()[0])


def test_it_runs_inside_the_organization_that_asked(contoso: Org, fabrikam: Org) -> None:
    for org in (contoso, fabrikam):
        with entered(org.row):
            note.enqueue(text=org.schema)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    run_jobs()
    assert seen == [("contoso", "contoso"), ("fabrikam", "fabrikam")]
    assert current_schema() == "public"


def test_what_is_rolled_back_asks_for_nothing(contoso: Org) -> None:
    with transaction.atomic():
        note.enqueue(text="never")
        transaction.set_rollback(True)
    assert waiting() == 0


def test_of_an_erased_organization_it_does_nothing(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("tenants.jobs.logger.warning", lambda text, *_args: said.append(text))
    note.enqueue(text="late")
    row = contoso.row
    connection.check_constraints()
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    provisioning.erase(row, actor="tests")
    assert run_jobs() == ["tests.note"]
    assert seen == []
    assert said == ["job %s of an organization that is gone"]


def test_of_a_suspended_one_it_is_done(contoso: Org) -> None:
    """Nothing of a suspended organization is lost: a notice of what was done before is still sent."""
    note.enqueue(text="before")
    provisioning.suspend(contoso.row, actor="tests")
    run_jobs()
    assert seen == [("contoso", "before")]


def test_a_schema_that_was_entered_by_name_is_nobodys(contoso: Org) -> None:
    connection.set_schema("contoso")  # type: ignore[attr-defined]
    with pytest.raises(LookupError, match="contoso"):
        current()


def test_mail_wears_the_organizations_name_and_speaks_the_persons_language(
    contoso: Org, fabrikam: Org
) -> None:
    words = {"code": "123456", "purpose": "prove"}
    with entered(contoso.row):
        mail.send("code", to="adele@home.example", language="de", context=words)
    mail.send("code", to="bo@home.example", language="xx", context=words)
    german, english = outbox.outbox
    assert (german.from_email, english.from_email) == (
        "Contoso <no-reply@localhost>",
        "Fabrikam <no-reply@localhost>",
    )
    assert german.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert 'lang="de"' in str(german.message())
    assert 'lang="en"' in str(english.message())
    for one in (german, english):
        assert "123456" in one.body
        assert "\n" not in one.subject
    assert "Contoso" not in str(english.message())


def test_links_are_made_from_the_row_and_not_from_the_request(contoso: Org, provider: Org) -> None:
    with entered(contoso.row):
        assert links.absolute("reset") == "http://contoso.localhost:8000/reset/"
    assert links.absolute("reset") == "http://localhost:8000/reset/"


def test_the_journal_outlives_what_it_names(contoso: Org) -> None:
    journal.record("looked", actor="an operator", organization=contoso.row, data={"why": "asked to"})
    row = contoso.row
    connection.check_constraints()
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    provisioning.erase(row, actor="an operator")
    entries = JournalEntry.objects.filter(schema="contoso").values_list("event", "organization")
    assert ("looked", "Contoso") in entries


def test_one_organizations_slow_jobs_hold_few_workers(contoso: Org, fabrikam: Org) -> None:
    """A carrier that does not answer keeps its own organization's codes waiting, and nobody else's."""
    lanes: dict[str, set[str]] = {}
    for org in (contoso, fabrikam):
        with entered(org.row):
            for _code in range(40):
                delivery.deliver.enqueue(challenge=str(uuid4()))
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct lock from public.procrastinate_jobs where task_name = 'registration.deliver'"
                " and args->>'schema' = %s",
                [org.schema],
            )
            lanes[org.schema] = {row[0] for row in cursor.fetchall()}
    assert [len(each) for each in lanes.values()] == [3, 3]
    assert not lanes["contoso"].intersection(lanes["fabrikam"])
