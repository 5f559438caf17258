"""What goes on while a directory's people are taken: nobody's reset waits for that, and neither breaks the other."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from registration.models import User
from resets.writeback import accounts, bringing, queue
from resets.writeback.models import Job
from tests.building import Org
from tests.resets.writeback.speaking import domain_of, enrolled

SECRET = {"password": "Correct-Horse-Battery-9", "old": ""}


def test_a_reset_begins_while_a_page_of_people_is_taken(
    transactional_db: None, contoso: Org, fabrikam: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.set_tenant(contoso.row)  # type: ignore[attr-defined]
    speaker = enrolled("contoso", domain_of("contoso"))
    account = accounts.tie(contoso.user("adele"), speaker.row.domain, "guid-adele", actor="tests")
    take = bringing._rows

    def reset() -> None:
        """Put a job in, as a person's page does: with a firm hold of the person."""
        connection.set_tenant(contoso.row)  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                connection.cursor().execute("set local lock_timeout = '3s'")
                User.objects.select_for_update(no_key=True).get(pk=account.user_id)
                queue.submit(account, "reset", secret=SECRET, after={})
        finally:
            connections.close_all()

    def interrupted(*words: Any) -> Any:
        """Have somebody reset their password when the page has its domain, and not yet its people."""
        with ThreadPoolExecutor(1) as other:
            other.submit(reset).result()
        return take(*words)

    monkeypatch.setattr(bringing, "_rows", interrupted)
    row = {"guid": "guid-adele", "sign_in_name": "adele@contoso.example", "name": "Adele", "mail": ""}
    page = {"run": "r", "first": True, "kind": "full", "rows": [row], "position": {"usn": 7}, "last": True}
    assert speaker.told("people", page)["taken"] == 1
    assert Job.objects.get().state == "waiting"
