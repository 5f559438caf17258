"""All pages of the policy, in Entra's order."""

from typing import Any

from registration.models import (
    AdministratorPolicy,
    AuthenticationMethods,
    Customization,
    Licence,
    Notifications,
    OnPremises,
    PasswordProtection,
    Policy,
    Properties,
    Registration,
    SecurityQuestions,
)
from registration.policy_pages.administrators import AdministratorPolicyAdmin
from registration.policy_pages.authentication_methods import AuthenticationMethodsAdmin
from registration.policy_pages.customization import CustomizationAdmin
from registration.policy_pages.licence import LicenceAdmin
from registration.policy_pages.notifications import NotificationsAdmin
from registration.policy_pages.on_premises import OnPremisesAdmin
from registration.policy_pages.properties import PropertiesAdmin
from registration.policy_pages.registering import RegistrationAdmin
from registration.policy_pages.whole import WholePolicyAdmin
from registration.protection_desk import ProtectionAdmin
from registration.questions_desk import QuestionsAdmin

PAGES: tuple[tuple[type[Policy], Any], ...] = (
    (Policy, WholePolicyAdmin),
    (Properties, PropertiesAdmin),
    (AuthenticationMethods, AuthenticationMethodsAdmin),
    (Registration, RegistrationAdmin),
    (Notifications, NotificationsAdmin),
    (OnPremises, OnPremisesAdmin),
    (Customization, CustomizationAdmin),
    (AdministratorPolicy, AdministratorPolicyAdmin),
    (PasswordProtection, ProtectionAdmin),
    (SecurityQuestions, QuestionsAdmin),
    (Licence, LicenceAdmin),
)
