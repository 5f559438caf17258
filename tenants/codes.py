"""The codes of what any address may answer, whatever stands behind it (`tenants.refusals`)."""

from enum import StrEnum

from tenants.branding.placeholders import Flaw
from tenants.refusals import contribute
from tenants.shield.captcha import Outcome


class Page(StrEnum):
    """Why a page is not served."""

    BAD_REQUEST = "bad_request"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    TOO_LARGE = "too_large"
    TOO_OFTEN = "too_often"
    FORM_TOO_OLD = "form_too_old"
    BROKEN = "broken"
    UNKNOWN_HOST = "unknown_host"
    SUSPENDED = "suspended"
    INCOMPLETE = "incomplete"
    DESK_NO_ROLE = "no_role"
    DESK_FORBIDDEN = "desk_forbidden"
    DESK_NOT_FOUND = (
        "desk_not_found"  # an id that nobody here has: deleted, made up, or another organization's
    )
    FORGED_CHOICE = "forged_choice"  # a form with a choice that it did not offer
    TOO_MANY = "too_many_refusals"  # more than are written down one by one


contribute(
    (Page.BAD_REQUEST, "RK-PAGE-400"),
    (Page.FORBIDDEN, "RK-PAGE-403"),
    (Page.NOT_FOUND, "RK-PAGE-404"),
    (Page.NOT_ALLOWED, "RK-PAGE-405"),
    (Page.TOO_LARGE, "RK-PAGE-413"),
    (Page.FORM_TOO_OLD, "RK-PAGE-419"),
    (Page.TOO_OFTEN, "RK-PAGE-429"),
    (Page.BROKEN, "RK-PAGE-500"),
    (Page.UNKNOWN_HOST, "RK-HOST-001"),
    (Page.SUSPENDED, "RK-HOST-002"),
    (Page.INCOMPLETE, "RK-HOST-003"),
    (Page.DESK_NO_ROLE, "RK-DESK-001"),
    (Page.DESK_FORBIDDEN, "RK-DESK-002"),
    (Page.DESK_NOT_FOUND, "RK-DESK-007"),
    (Page.FORGED_CHOICE, "RK-DESK-008"),
    (Page.TOO_MANY, "RK-DESK-009"),
    (Flaw.TOO_LONG, "RK-TEXT-001"),
    (Flaw.NOT_ONE_LINE, "RK-TEXT-001"),
    (Flaw.TOO_MANY_MESSAGES, "RK-TEXT-001"),
    (Flaw.UNKNOWN, "RK-TEXT-002"),
    (Flaw.MISSING, "RK-TEXT-002"),
    (Flaw.HALF, "RK-TEXT-002"),
    (Flaw.INVISIBLE, "RK-TEXT-003"),
    (Flaw.LINK, "RK-TEXT-003"),
    (Flaw.MARKUP, "RK-TEXT-003"),
    (Outcome.FAILED, "RK-CAPTCHA-001"),
    (Outcome.REPLAYED, "RK-CAPTCHA-002"),
    (Outcome.UNAVAILABLE, "RK-CAPTCHA-003"),
)
