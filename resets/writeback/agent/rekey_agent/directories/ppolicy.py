"""The control by which OpenLDAP says which rule a password breaks [pure] (draft-behera-ldap-password-policy-10, 6.2)."""

OID = "1.3.6.1.4.1.42.2.27.8.5.1"
_ERRORS = {
    0: "wrong_current_password",  # passwordExpired, of a bind
    1: "account_locked",
    3: "capability_missing",  # passwordModNotAllowed
    4: "wrong_current_password",  # mustSupplyOldPassword
    5: "policy_violation/complexity",
    6: "policy_violation/length",
    7: "policy_violation/min_age",
    8: "policy_violation/history",
}


def error(value: bytes | None) -> str:
    """Return the code of the error in the control's value; nothing where there is none.

    >>> error(bytes.fromhex("3003810106")), error(bytes.fromhex("3003810108")), error(bytes.fromhex("3000"))
    ('policy_violation/length', 'policy_violation/history', '')
    >>> error(bytes.fromhex("300aa0058003015180" + "810105")), error(b"junk"), error(None)
    ('policy_violation/complexity', '', '')
    """
    body = _inside(value or b"", 0x30)
    while body:
        tag, content, body = _next(body)
        if tag == 0x81 and len(content) == 1:
            return _ERRORS.get(content[0], "policy_violation")
    return ""


def _inside(value: bytes, wanted: int) -> bytes:
    tag, content, _rest = _next(value)
    return content if tag == wanted else b""


def _next(value: bytes) -> tuple[int, bytes, bytes]:
    """Take one element of BER with a short length off the front: its tag, its content, and what is left."""
    if len(value) < 2 or value[1] > 0x7F or len(value) < 2 + value[1]:
        return -1, b"", b""
    end = 2 + value[1]
    return value[0], value[2:end], value[end:]
