"""What an agent answers, as codes: the outcome of a job, and why a directory or an agent refused it."""

from enum import StrEnum


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
