"""What a directory answers, as the agent's codes [pure].

Active Directory and Samba begin their text with a Win32 code of eight hexadecimal digits. That counts first, then LDAP's own
result. Which rule a password breaks is told by Samba's text; Windows says of 52D only that one is broken.
"""

import re

_WIN32 = re.compile(r"\s*([0-9A-Fa-f]{8}):")
_BIND = re.compile(r"data ([0-9a-f]+)")
_RULES = (
    ("too short", "length"),
    ("complexity", "complexity"),
    ("too young", "min_age"),
    ("in history", "history"),
    ("already used", "history"),
    ("previous password", "history"),
)
_BY_WIN32 = {
    "00000056": "wrong_current_password",
    "00000005": "access_denied",
    "00002098": "access_denied",
    "00002030": "user_not_found",
    "0000208D": "user_not_found",
    "00002035": "agent_fault",
}
_BY_RESULT = {
    4: "size_limit",
    8: "agent_fault",  # it asks for encryption
    10: "capability_missing",  # a referral: this server is read only
    12: "capability_missing",
    19: "policy_violation",
    32: "user_not_found",
    50: "access_denied",
}
#: What a bind says by `data` (reference of Microsoft's, in hexadecimal): whether the password was right; None
#: where it cannot be told.
_OPENS = {"52e": False, "525": False, "773": True, "532": True}


def of_active_directory(result: int, message: str) -> str:
    """Return the code of a modify that was refused.

    >>> of_active_directory(19, "0000052D: Constraint violation - check_password_restrictions: the password is too short.")
    'policy_violation/length'
    >>> of_active_directory(53, "0000052D: SvcErr: DSID-031A126C, problem 5003 (WILL_NOT_PERFORM), data 0")
    'policy_violation'
    >>> of_active_directory(19, "00000056: AtrErr: DSID-03191083, #1:"), of_active_directory(50, "")
    ('wrong_current_password', 'access_denied')
    """
    found = _WIN32.match(message)
    win32 = found.group(1).upper() if found else ""
    if win32 == "0000052D":
        lowered = message.lower()
        rule = next((rule for words, rule in _RULES if words in lowered), "")
        return f"policy_violation/{rule}" if rule else "policy_violation"
    return _BY_WIN32.get(win32) or _BY_RESULT.get(result, "agent_fault")


def opens(result: int, message: str) -> bool | None:
    """Say whether a bind's password was right; a bind that was refused may still tell that it was.

    >>> opens(0, ""), opens(49, "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v3839")
    (True, False)
    >>> opens(49, "80090308: …, data 773, v1"), opens(49, "80090308: …, data 775, v1"), opens(51, "")
    (True, None, None)
    """
    if result == 0:
        return True
    found = _BIND.search(message) if result == 49 else None
    return _OPENS.get(found.group(1)) if found else None
