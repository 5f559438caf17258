"""All pages of this room; the same classes serve both desks."""

from registration import audit_desk, audit_settings_desk, people_desk, telephony_desk, usage_desk
from registration.importing import desk as importing_desk
from registration.policy_pages import pages

PAGES = (
    *pages.PAGES,
    *telephony_desk.PAGES,
    *people_desk.PAGES,
    *importing_desk.PAGES,
    *audit_desk.PAGES,
    *audit_settings_desk.PAGES,
    *usage_desk.PAGES,
)
