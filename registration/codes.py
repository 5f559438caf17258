"""The codes of what refuses people and administrators in this room (`tenants.refusals`)."""

from enum import StrEnum

from registration import answers, phone_numbers, telephony_rules
from registration.authenticator import phones
from registration.authenticator.requests import Answered
from registration.banned_words import TermProblem
from registration.enrolling import Problem
from registration.importing.judging import Flaw
from registration.importing.parsing import Fault
from registration.password_rules import Rule
from registration.passwords import FUZZY
from registration.policy import Code
from registration.verification import Outcome
from tenants.refusals import contribute, contribute_texts


class SignIn(StrEnum):
    """Why nobody is signed in."""

    WRONG = "wrong_name_or_password"
    TOO_OFTEN = "too_often"


class Link(StrEnum):
    """Why a one-time link opens nothing."""

    ACTIVATION_SPENT = "activation_spent"
    OBJECTION_SPENT = "objection_spent"
    TICKET_SPENT = "ticket_spent"


class Limit(StrEnum):
    """What was done too often, by somebody whose account it is."""

    TOO_OFTEN = "too_often"


contribute(
    (SignIn.WRONG, "RK-SIGNIN-001"),
    (SignIn.TOO_OFTEN, "RK-SIGNIN-002"),
    (Link.ACTIVATION_SPENT, "RK-LINK-001"),
    (Link.OBJECTION_SPENT, "RK-LINK-002"),
    (Link.TICKET_SPENT, "RK-LINK-003"),
    (Limit.TOO_OFTEN, "RK-LIMIT-001"),
)
#: Why somebody may not reset. The numbers are Entra's where it has one for the same thing.
contribute(
    (Code.POLICY_NONE, "RK-RESET-009"),
    (Code.ADMINISTRATORS_EXCLUDED, "RK-RESET-011"),
    (Code.EDITION_LACKS_RESET, "RK-RESET-012"),
    (Code.NOT_IN_SCOPE, "RK-RESET-013"),
    (Code.NOT_REGISTERED, "RK-RESET-014"),
    (Code.ACCOUNT_DISABLED, "RK-RESET-106"),
    (Code.RESET_BLOCKED, "RK-RESET-107"),
    (Code.NOT_ENOUGH_METHODS, "RK-RESET-108"),
    (Code.QUESTIONS_ALONE, "RK-POLICY-001"),
)
contribute(
    (Problem.UNKNOWN_METHOD, "RK-METHOD-001"),
    (Problem.TOO_MANY, "RK-METHOD-002"),
    (Problem.FIXED, "RK-METHOD-003"),
    (Problem.ALREADY, "RK-METHOD-004"),
    (Problem.WRONG, "RK-METHOD-005"),
    (Problem.EXPIRED, "RK-METHOD-006"),
    (Problem.EXHAUSTED, "RK-METHOD-007"),
    (Problem.DENIED, "RK-METHOD-008"),
    (Outcome.WRONG, "RK-METHOD-005"),
    (Outcome.EXPIRED, "RK-METHOD-006"),
    (Outcome.EXHAUSTED, "RK-METHOD-007"),
    (Outcome.DENIED, "RK-METHOD-008"),
    (answers.Flaw.TOO_SHORT, "RK-ANSWER-001"),
    (answers.Flaw.TOO_LONG, "RK-ANSWER-002"),
    (answers.Flaw.GUESSABLE, "RK-ANSWER-003"),
    (answers.Flaw.IN_QUESTION, "RK-ANSWER-004"),
    (answers.Flaw.TWICE, "RK-ANSWER-005"),
    (answers.Flaw.ASKED_TWICE, "RK-ANSWER-006"),
)
contribute(
    (phone_numbers.Flaw.NO_NUMBER, "RK-PHONE-001"),
    (phone_numbers.Flaw.NO_COUNTRY, "RK-PHONE-002"),
    (phone_numbers.Flaw.TOO_SHORT, "RK-PHONE-003"),
    (phone_numbers.Flaw.TOO_LONG, "RK-PHONE-003"),
    (phone_numbers.Flaw.NOT_IN_USE, "RK-PHONE-004"),
    (phone_numbers.Flaw.EXTENSION, "RK-PHONE-005"),
    (phone_numbers.Flaw.NOT_MOBILE, "RK-PHONE-006"),
    (phone_numbers.Flaw.NOT_FIXED, "RK-PHONE-007"),
    (telephony_rules.Refusal.NOT_A_NUMBER, "RK-PHONE-001"),
    (telephony_rules.Refusal.NOT_ALLOCATED, "RK-PHONE-004"),
    (telephony_rules.Refusal.COSTLY_RANGE, "RK-PHONE-008"),
    (telephony_rules.Refusal.NO_COUNTRY, "RK-PHONE-009"),
    (telephony_rules.Refusal.COUNTRY_NOT_ALLOWED, "RK-PHONE-010"),
    (phones.Refusal.MALFORMED, "RK-APP-001"),
    (phones.Refusal.ELSEWHERE, "RK-APP-002"),
    (phones.Refusal.CLOCK, "RK-APP-003"),
    (phones.Refusal.FORGED, "RK-APP-004"),
    (phones.Refusal.REPLAYED, "RK-APP-005"),
    (phones.Refusal.GONE, "RK-APP-006"),
    (Answered.OVER, "RK-APP-007"),
    (Answered.WRONG, "RK-APP-008"),
    (Answered.DENIED, "RK-METHOD-008"),
)
contribute(
    (Rule.TOO_SHORT, "RK-PASSWORD-001"),
    (Rule.TOO_LONG, "RK-PASSWORD-002"),
    (Rule.NOT_ASCII, "RK-PASSWORD-003"),
    (Rule.INVISIBLE, "RK-PASSWORD-004"),
    (Rule.TOO_FEW_CLASSES, "RK-PASSWORD-005"),
    (Rule.CONTAINS_NAME, "RK-PASSWORD-006"),
    (Rule.TOO_EASY, "RK-PASSWORD-007"),
    (Rule.LISTED, "RK-PASSWORD-008"),
    (Rule.SAME_AS_BEFORE, "RK-PASSWORD-009"),
    (TermProblem.TOO_SHORT, "RK-POLICY-002"),
    (TermProblem.TOO_LONG, "RK-POLICY-002"),
    (TermProblem.TOO_MANY, "RK-POLICY-003"),
)
#: What is wrong with a file of people, and with a line of it.
contribute(
    *(
        (fault, "RK-IMPORT-001")
        for fault in Fault
        if fault not in {Fault.NO_SIGN_IN_NAME, Fault.COLUMN_TWICE, Fault.UNFINISHED}
    ),
    (Fault.UNFINISHED, "RK-IMPORT-008"),
    (Fault.NO_SIGN_IN_NAME, "RK-IMPORT-002"),
    (Fault.COLUMN_TWICE, "RK-IMPORT-002"),
    (Flaw.NO_SIGN_IN_NAME, "RK-IMPORT-003"),
    (Flaw.NOT_A_SIGN_IN_NAME, "RK-IMPORT-003"),
    (Flaw.NOT_OURS, "RK-IMPORT-003"),
    (Flaw.DUPLICATE, "RK-IMPORT-003"),
    (Flaw.TOO_MANY_CELLS, "RK-IMPORT-004"),
    (Flaw.UNPRINTABLE, "RK-IMPORT-004"),
    (Flaw.TOO_LONG, "RK-IMPORT-004"),
    (Flaw.NOT_AN_ADDRESS, "RK-IMPORT-004"),
    (Flaw.NOT_A_LANGUAGE, "RK-IMPORT-004"),
    (Flaw.NOT_YES_OR_NO, "RK-IMPORT-004"),
    (Flaw.NO_SUCH_GROUP, "RK-IMPORT-005"),
    (Flaw.NO_SUCH_ROLE, "RK-IMPORT-005"),
    (Flaw.MAY_NOT_GRANT, "RK-IMPORT-006"),
    (Flaw.MAY_NOT_CHANGE, "RK-IMPORT-006"),
    (Flaw.MAY_NOT_REGISTER, "RK-IMPORT-006"),
    (Flaw.ONESELF, "RK-IMPORT-006"),
    (Flaw.LAST_ADMINISTRATOR, "RK-DESK-010"),
    (Flaw.UNAVAILABLE, "RK-IMPORT-007"),
    (Flaw.NOT_ACCEPTED, "RK-IMPORT-007"),
    (Flaw.TOO_MANY, "RK-IMPORT-007"),
)
#: What forms and the audit trail say as plain texts; each of these words means one thing wherever it stands.
contribute_texts(
    {
        FUZZY: "RK-PASSWORD-007",
        "wrong_password": "RK-PASSWORD-010",
        "own_questions": "RK-POLICY-004",
        "too_few_offered": "RK-POLICY-005",
        "more_than_registered": "RK-POLICY-006",
        "not_included": "RK-POLICY-007",
        "setting_fixed": "RK-POLICY-008",
        "below_baseline": "RK-POLICY-009",
        "own_roles": "RK-DESK-003",
        "own_account": "RK-DESK-004",
        "not_grantable": "RK-DESK-005",
        "sign_in_name": "RK-DESK-006",
        "last_administrator": "RK-DESK-010",
        "address_inside": "RK-METHOD-009",
    }
)
