"""The first-visit checklist at the start of a desk: what is done is read from what there is; the rest leads to its page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from licensing.editions import Feature
from licensing.guards import decision
from registration import census, checklist, roles, standing
from registration import policy as rules
from registration.audit import Activity
from registration.checklist import Facts, Step
from registration.licences import lacking
from registration.lines import line
from registration.method import registry, traits
from registration.models import AuditEvent, Device, Policy, User
from registration.policy import Person, Scope
from registration.roles import Role
from tenants.branding.colours import DEFAULT_FILL
from tenants.branding.context import here
from tenants.context import PUBLIC, is_provider
from tenants.models import Organization

#: How long a browser remembers that its person does not want to see the list.
HIDDEN_FOR = timedelta(days=365)
#: Of how many people with a method it is asked whether they have enough of them: one is looked for, not all counted.
SAMPLE = 500


@dataclass(frozen=True)
class Words:
    """What a step is called, why it is worth it, and the page where it is done, by its name in the address map."""

    title: Promise
    why: Promise
    page: str


WORDS: Mapping[Step, Words] = MappingProxyType(
    {
        Step.OWN_METHODS: Words(
            _("Register two methods of your own"),
            _("An administrator proves two. With one telephone lost you would be locked out of this desk."),
            "security-info",
        ),
        Step.EDITION: Words(
            _("Get an edition that includes password reset"),
            _("Yours does not, so nobody but signed-in people can change a password. Ask your provider."),
            "admin:registration_licence_changelist",
        ),
        Step.METHODS: Words(
            _("Choose the methods that people prove who they are by"),
            _("Enable one more than a reset asks for, so that somebody who lost one is not lost."),
            "admin:registration_authenticationmethods_changelist",
        ),
        Step.CARRIER: Words(
            _("Choose a carrier for text messages and calls"),
            _("You enabled a method that takes one. Until then nobody can use it."),
            "admin:registration_telephony_changelist",
        ),
        Step.PEOPLE: Words(
            _("Add people"),
            _("Each gets a one-time link to choose a first password. Begin with one colleague."),
            "admin:registration_user_add",
        ),
        Step.SCOPE: Words(
            _("Say who may reset"),
            _("Begin with a pilot group (Selected), and go on to All when it works."),
            "admin:registration_properties_changelist",
        ),
        Step.HELPDESK: Words(
            _("Give a link or an address of your help desk"),
            _("It stands on each page, so that whoever is stuck knows whom to ask."),
            "admin:registration_customization_changelist",
        ),
        Step.BRANDING: Words(
            _("Set your logo or your colour"),
            _("People type a password only where they know the place."),
            "admin:branding_brand_changelist",
        ),
        Step.SECOND_ADMINISTRATOR: Words(
            _("Have a second administrator"),
            _("Nobody can help the last one back in."),
            "admin:registration_user_add",
        ),
        Step.REMINDING: Words(
            _("Ask people to register"),
            _(
                "Nobody can reset before that. One mail leads each who has chosen a first password to the page."
            ),
            "admin:registration_user_remind",
        ),
        Step.FIRST_RESET: Words(
            _("See a first reset"),
            _(
                "Have a colleague follow “Can't access your account?” on the sign-in page, and find it in the log."
            ),
            "admin:registration_auditevent_changelist",
        ),
        Step.PROVIDERS_CARRIER: Words(
            _("Choose a carrier for text messages and calls"),
            _(
                "It can serve every organization that has none of its own. Without one they have email and apps."
            ),
            "admin:registration_telephony_changelist",
        ),
        Step.FIRST_ORGANIZATION: Words(
            _("Create the first organization"),
            _("Its administrator gets a one-time link, and finds a list like this one."),
            "admin:tenants_organization_changelist",
        ),
    }
)
#: Two of them are called otherwise where an operator reads.
_OPERATORS: Mapping[Step, Words] = MappingProxyType(
    {
        Step.SECOND_ADMINISTRATOR: replace(WORDS[Step.SECOND_ADMINISTRATOR], title=_("Have a second owner")),
    }
)


@dataclass(frozen=True)
class There:
    """Whether there is one of each: people who may be reset, other administrators, members of selected groups, a reset."""

    people: bool
    others: bool
    selected: bool
    has_reset: bool


@dataclass(frozen=True)
class Line:
    """A step as it stands on the page."""

    title: Promise
    why: Promise
    link: str
    done: bool
    is_next: bool


@dataclass(frozen=True)
class Shown:
    """The list as it stands on the page; without lines where its person has hidden it."""

    lines: tuple[Line, ...] = ()
    done: int = 0
    hidden: bool = False


def shown(request: HttpRequest) -> Shown | None:
    """Return the list for who can do all of it; None for everybody else, and when everything is done."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(roles.GRANT_ROLES):
        return None
    if request.COOKIES.get(settings.CHECKLIST_COOKIE_NAME):
        return Shown(hidden=True)
    items = checklist.steps(facts(user))
    following = checklist.following(items)
    if following is None:
        return None
    words = {**WORDS, **(_OPERATORS if is_provider() else {})}
    lines = tuple(
        Line(
            words[item.step].title,
            words[item.step].why,
            resolve_url(words[item.step].page),
            item.done,
            item.step is following,
        )
        for item in items
    )
    return Shown(lines, sum(item.done for item in items))


def facts(user: User) -> Facts:
    """Read what there is, in a few statements that look for one of each and count nothing."""
    row, there = _read(user)
    policy, allows = standing.policy(row), decision(Feature.RESET_PASSWORD).allowed
    me, look = standing.person(user, row), here()
    missing = rules.missing(policy, me, traits(), lacking())
    for_all = replace(policy, scope=Scope.ALL)
    has_scope = {Scope.ALL: there.people, Scope.SELECTED: there.selected}.get(policy.scope, False)
    return Facts(
        provider=is_provider(),
        own_methods=rules.gates(policy, me) - missing,
        edition_allows=allows,
        policy_fits=bool(policy.methods) and not rules.problems(for_all, traits(), lacking()),
        phones=any(registry()[kind].costs for kind in policy.methods if kind in registry()),
        carrier=line() is not None,
        people=int(there.people),
        administrators=1 + int(there.others),
        enabled_for=int(has_scope),
        registered=int(there.has_reset or _somebody_registered(row)),
        branded=bool(look.logo_digest) or look.palette.fill != DEFAULT_FILL,
        helpdesk=bool(look.helpdesk),
        has_reset=there.has_reset,
        organizations=int(is_provider() and Organization.objects.exclude(schema_name=PUBLIC).exists()),
    )


@never_cache
@login_required
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """Remember in this browser that its person does not want to see the list."""
    response = redirect("admin:index")
    response.set_cookie(
        settings.CHECKLIST_COOKIE_NAME,
        "hidden",
        max_age=HIDDEN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@login_required
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    """Show the list again."""
    response = redirect("admin:index")
    response.delete_cookie(settings.CHECKLIST_COOKIE_NAME, samesite="Lax")
    return response


def _read(user: User) -> tuple[Policy, There]:
    """Return the policy, and in the same statement whether there is one of each."""
    administrators = [str(role) for role in roles.valid_roles(is_provider()) if roles.opens_desk([role])]
    granting = [str(Role.OWNER if is_provider() else Role.GLOBAL_ADMINISTRATOR)]
    people = User.objects.filter(is_active=True)
    plain = people.exclude(roles__overlap=administrators)
    selected = User.groups.through.objects.filter(group_id__in=census.selected_groups())
    resets = AuditEvent.objects.filter(activity=Activity.PASSWORD_RESET, status=AuditEvent.Status.SUCCESS)
    found = {
        "people": Exists(plain),
        "others": Exists(people.filter(roles__overlap=granting).exclude(pk=user.pk)),
        "selected": Exists(selected),
        "has_reset": Exists(resets),
    }
    row = Policy.objects.annotate(**found).get()
    return row, There(**{name: getattr(row, name) for name in found})


def _somebody_registered(row: Policy) -> bool:
    """Say whether somebody beside administrators has registered enough, of the first who have registered anything."""
    having = Device.objects.filter(confirmed=True).values("user_id").distinct()[:SAMPLE]
    found = census.counted(census.placed(User.objects.filter(pk__in=having), row))
    return any(_has_enough(row, one) for one in found if not one.administrator)


def _has_enough(row: Policy, one: Person) -> bool:
    return rules.is_registered(standing.policy(row), one, traits(), lacking())
