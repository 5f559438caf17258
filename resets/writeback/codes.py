"""What an agent answers, as codes: the outcome of a job, and why a directory or an agent refused it."""

from enum import StrEnum

from tenants.refusals import contribute


class Outcome(StrEnum):
    """How a job came out. The first four are ends; the last asks for another agent."""

    DONE = "done"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"
    PUT_BACK = "put_back"


class Refusal(StrEnum):
    """Why a job was not done, in the order of reference/directory.md 4. Stored, so the values never change."""

    POLICY = "policy_violation"
    LENGTH = "policy_violation/length"
    COMPLEXITY = "policy_violation/complexity"
    HISTORY = "policy_violation/history"
    MIN_AGE = "policy_violation/min_age"
    WRONG_CURRENT = "wrong_current_password"
    ACCESS_DENIED = "access_denied"
    USER_NOT_FOUND = "user_not_found"
    CAPABILITY = "capability_missing"
    DISABLED = "account_disabled"
    EXPIRED = "account_expired"
    PROTECTED = "protected_account"
    UNREACHABLE = "dc_unreachable"
    TLS = "dc_tls"
    TIMED_OUT = "dc_timeout"
    AGENT_FAULT = "agent_fault"
    SIGNATURE = "job_signature"
    ADDRESS = "job_address"
    JOB_EXPIRED = "job_expired"
    REPLAYED = "job_replayed"
    SEALED = "job_sealed"
    NO_ANSWER = "timeout"


#: What the person mends by another password.
OF_THE_PASSWORD = frozenset(
    {Refusal.POLICY, Refusal.LENGTH, Refusal.COMPLEXITY, Refusal.HISTORY, Refusal.MIN_AGE}
)
#: What only an administrator mends.
OF_THE_ACCOUNT = frozenset(
    {
        Refusal.ACCESS_DENIED,
        Refusal.USER_NOT_FOUND,
        Refusal.CAPABILITY,
        Refusal.DISABLED,
        Refusal.EXPIRED,
        Refusal.PROTECTED,
    }
)

contribute(
    (Refusal.POLICY, "RK-DIR-001"),
    (Refusal.LENGTH, "RK-DIR-002"),
    (Refusal.COMPLEXITY, "RK-DIR-003"),
    (Refusal.HISTORY, "RK-DIR-004"),
    (Refusal.MIN_AGE, "RK-DIR-005"),
    (Refusal.WRONG_CURRENT, "RK-DIR-006"),
    (Refusal.ACCESS_DENIED, "RK-DIR-007"),
    (Refusal.USER_NOT_FOUND, "RK-DIR-008"),
    (Refusal.CAPABILITY, "RK-DIR-009"),
    (Refusal.DISABLED, "RK-DIR-010"),
    (Refusal.EXPIRED, "RK-DIR-011"),
    (Refusal.PROTECTED, "RK-DIR-012"),
    (Refusal.UNREACHABLE, "RK-DIR-013"),
    (Refusal.TLS, "RK-DIR-014"),
    (Refusal.TIMED_OUT, "RK-DIR-015"),
    (Refusal.NO_ANSWER, "RK-DIR-016"),
    (Refusal.AGENT_FAULT, "RK-DIR-017"),
    (Refusal.SIGNATURE, "RK-DIR-018"),
    (Refusal.ADDRESS, "RK-DIR-018"),
    (Refusal.REPLAYED, "RK-DIR-018"),
    (Refusal.JOB_EXPIRED, "RK-DIR-019"),
    (Refusal.SEALED, "RK-DIR-020"),
    (Outcome.SUPERSEDED, "RK-DIR-021"),
)


def reason(code: str) -> StrEnum:
    """Return why a password was not set, from the text that is kept of it; what nobody knows is a fault of the agent's.

    >>> reason("dc_tls"), reason("superseded"), reason("made up")
    (<Refusal.TLS: 'dc_tls'>, <Outcome.SUPERSEDED: 'superseded'>, <Refusal.AGENT_FAULT: 'agent_fault'>)
    """
    if code == Outcome.SUPERSEDED:
        return Outcome.SUPERSEDED
    return Refusal(code) if code in {str(one) for one in Refusal} else Refusal.AGENT_FAULT
