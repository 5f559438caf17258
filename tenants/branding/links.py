"""Which links an organization may put on its pages: none that runs, none that is not encrypted."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext_lazy as _

_https = URLValidator(schemes=["https"])
_NUMBER = re.compile(r"\+?[0-9][0-9.\-]{2,30}", re.ASCII)


def validate_web_link(value: str) -> None:
    """Refuse anything but an https address."""
    try:
        _https(value)
    except ValidationError as error:
        raise ValidationError(_("Enter an address that begins with https://."), code="not_https") from error
    if urlsplit(value).username is not None:
        raise ValidationError(_("Enter an address without a user name in it."), code="user_in_address")


def validate_helpdesk_link(value: str) -> None:
    """Refuse anything but an https address, mailto: with one address, or tel: with a number."""
    scheme, _colon, rest = value.partition(":")
    match scheme.lower():
        case "mailto":
            try:
                validate_email(rest)
            except ValidationError as error:
                raise ValidationError(
                    _("Enter one e-mail address after mailto:."), code="bad_mailto"
                ) from error
        case "tel":
            if not _NUMBER.fullmatch(rest):
                raise ValidationError(
                    _("Enter a number without spaces after tel:, such as tel:+4930123456."), code="bad_tel"
                )
        case "https":
            validate_web_link(value)
        case _:
            raise ValidationError(
                _("Enter a link that begins with https://, mailto: or tel:."), code="unknown_scheme"
            )


def in_words(link: str) -> str:
    """Return a link as people read it out, for where it cannot be followed.

    >>> in_words("mailto:help@contoso.example"), in_words("tel:+4930123456"), in_words("https://contoso.example/help/")
    ('help@contoso.example', '+4930123456', 'contoso.example/help')
    """
    return link.partition(":")[2].removeprefix("//").rstrip("/")
