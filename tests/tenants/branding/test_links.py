"""Which links may stand on an organization's pages."""

import pytest
from django.core.exceptions import ValidationError

from tenants.branding.links import validate_helpdesk_link, validate_web_link


@pytest.mark.parametrize(
    "link",
    [
        "https://help.contoso.example/",
        "https://help.contoso.example/form?topic=password#top",
        "mailto:help@contoso.example",
        "MAILTO:help@contoso.example",
        "tel:+4930123456",
        "tel:030-123456",
        "tel:110",
    ],
)
def test_taken_as_the_help_desk(link: str) -> None:
    validate_helpdesk_link(link)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("javascript:alert(1)", "unknown_scheme"),
        ("JavaScript:alert(1)", "unknown_scheme"),
        ("java\nscript:alert(1)", "unknown_scheme"),
        ("data:text/html,<script>alert(1)</script>", "unknown_scheme"),
        ("http://help.contoso.example/", "unknown_scheme"),
        ("//help.contoso.example/", "unknown_scheme"),
        ("help.contoso.example", "unknown_scheme"),
        ("", "unknown_scheme"),
        ("https://", "not_https"),
        ("https://help contoso", "not_https"),
        ("https://contoso.example@evil.example/", "user_in_address"),
        ("mailto:", "bad_mailto"),
        ("mailto:help", "bad_mailto"),
        ("mailto:help@contoso.example?bcc=evil@evil.example", "bad_mailto"),
        ("mailto:help@contoso.example,evil@evil.example", "bad_mailto"),
        ("tel:", "bad_tel"),
        ("tel:help", "bad_tel"),
        ("tel:+49 30 123456", "bad_tel"),
    ],
)
def test_refused_as_the_help_desk(link: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_helpdesk_link(link)
    assert refused.value.code == code


@pytest.mark.parametrize("link", ["mailto:help@contoso.example", "tel:110", "http://contoso.example"])
def test_other_links_are_web_pages(link: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_web_link(link)
    assert refused.value.code == "not_https"
