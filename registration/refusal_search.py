"""What the help desk types into a search when somebody reads out what stands on a page that refused."""

import re

from django.db.models import Q

_REFERENCE = re.compile(r"[0-9A-F]{8}")
_CODE = re.compile(r"RK-[A-Z]+-[0-9]{3}")


def by_what_is_read_out(text: str) -> Q | None:
    """Return the audit events of a reference or a code, in whatever case it was typed; None for any other text.

    >>> by_what_is_read_out(" 1a2b3c4d ")
    <Q: (AND: ('data__contains', {'reference': '1A2B3C4D'}))>
    >>> by_what_is_read_out("rk-reset-013")
    <Q: (AND: ('data__contains', {'code': 'RK-RESET-013'}))>
    >>> by_what_is_read_out("adele") is None
    True
    """
    read = text.strip().upper()
    if _REFERENCE.fullmatch(read):
        return Q(data__contains={"reference": read})
    return Q(data__contains={"code": read}) if _CODE.fullmatch(read) else None
