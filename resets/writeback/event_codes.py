"""Which of Microsoft's event codes fits what came of a job [pure]: an administrator who knows theirs finds it by the number.

The numbers are those of Entra's password reset service (reference/directory.md 7).
"""

from collections.abc import Mapping
from types import MappingProxyType

from resets.writeback.codes import Refusal

_DONE: Mapping[str, int] = MappingProxyType(
    {"reset": 31002, "change": 31007, "unlock": 31002, "expire": 31010}
)
_FAILED: Mapping[str, int] = MappingProxyType(
    {"reset": 31003, "change": 31008, "unlock": 31003, "expire": 31011}
)
_REFUSED: Mapping[str, int] = MappingProxyType(
    {
        Refusal.POLICY: 33008,
        Refusal.LENGTH: 33008,
        Refusal.COMPLEXITY: 33008,
        Refusal.HISTORY: 33008,
        Refusal.MIN_AGE: 33008,
        Refusal.WRONG_CURRENT: 33007,
        Refusal.ACCESS_DENIED: 33004,
        Refusal.PROTECTED: 33004,
        Refusal.USER_NOT_FOUND: 33002,
        Refusal.DISABLED: 33005,
        Refusal.CAPABILITY: 33009,
        Refusal.UNREACHABLE: 31034,
        Refusal.TLS: 31034,
        Refusal.TIMED_OUT: 31034,
        Refusal.NO_ANSWER: 31044,
        Refusal.SEALED: 32004,
        Refusal.SIGNATURE: 32010,
        Refusal.AGENT_FAULT: 33001,
    }
)
#: The last agent of a domain is lost, and one is back.
LOST, BACK = 31016, 31015


def of(operation: str, state: str, code: str) -> int | None:
    """Return the number for how a job ended; None while it has not.

    >>> of("reset", "done", ""), of("change", "refused", "wrong_current_password"), of("reset", "unknown", "")
    (31002, 33007, 33001)
    >>> of("reset", "refused", "account_expired"), of("reset", "waiting", "")
    (31003, None)
    """
    if state == "done":
        return _DONE.get(operation)
    if state == "refused":
        return _REFUSED.get(code) or _FAILED.get(operation)
    return {"superseded": _FAILED.get(operation), "unknown": 33001}.get(state)
