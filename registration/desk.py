"""The desk's pages of people, groups, the policy and the audit log; the same classes serve both desks."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from licensing.editions import Feature
from licensing.guards import decision
from registration import activation, configuring, enrolling, people, roles, standing
from registration import policy as rules
from registration.labels import POLICY, ROLES
from registration.licences import lacking
from registration.method import registry, traits
from registration.models import AuditEvent, Group, PasswordProtection, Policy, User
from registration.origin import origin
from registration.people import PersonProblem
from registration.proof import person
from registration.protection_desk import ProtectionAdmin
from registration.wording import ACTIVITIES
from tenants.context import is_provider
from tenants.desks import DeskModelAdmin, ReadOnlyAdmin, SingletonAdmin


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The policy, refused as a whole when nobody could satisfy it."""

    methods = forms.MultipleChoiceField(
        label=_("Methods available to users"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Enable two or more. An authenticator app is the strongest of them. Default: none."),
    )

    class Meta:
        model = Policy
        fields = configuring.RESET

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "methods" in self.fields:
            choices = [(kind, method.name) for kind, method in registry().items()]
            self.fields["methods"] = _with_choices(self.fields["methods"], choices)

    def clean(self) -> dict[str, Any]:
        """Refuse a policy that asks for more than it offers."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            row = Policy(**{field: cleaned[field] for field in configuring.RESET})
            found = rules.problems(standing.policy(row), traits(), lacking())
            if found:
                raise ValidationError([ValidationError(str(POLICY[code]), code=code) for code in found])
        return cleaned


class PolicyAdmin(SingletonAdmin):
    """Password reset: for whom, by what, who is told."""

    form = PolicyForm
    audited_by_flow = True
    fieldsets = (
        (_("Properties"), {"fields": ("scope", "administrators_may_reset")}),
        (_("Authentication methods"), {"fields": ("required", "methods")}),
        (_("Notifications"), {"fields": ("notify_user", "notify_administrators")}),
    )

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {field: form.cleaned_data[field] for field in configuring.RESET}
        configuring.configure(values, actor=person(request), origin=origin(request))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Say so when the edition makes the settings idle."""
        if request.method == "GET" and not decision(Feature.RESET_PASSWORD).allowed:
            messages.warning(
                request,
                gettext(
                    "Your edition does not include password reset: nobody can reset until it is upgraded."
                ),
            )
        response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        return response


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person; a password is never asked here: they choose it by a one-time link."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = User
        fields = ("sign_in_name", "name", "primary_address", "roles", "groups", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:
            known = [(role.value, ROLES[role]) for role in roles.valid_roles(is_provider())]
            self.fields["roles"] = _with_choices(self.fields["roles"], known)

    def clean_sign_in_name(self) -> str:
        """Check the name as the flow will, so that a problem stands at its field."""
        try:
            return people.checked_sign_in_name(self.cleaned_data["sign_in_name"])
        except PersonProblem as problem:
            raise ValidationError(str(problem), code=problem.field) from problem


class PersonAdmin(DeskModelAdmin):
    """People: who they are, what they may do, what they registered."""

    form = PersonForm
    audited_by_flow = True
    list_display = ("sign_in_name", "name", "primary_address", "is_active", "show_roles")
    list_filter = ("is_active",)
    search_fields = ("sign_in_name", "name", "primary_address")
    filter_horizontal = ("groups",)
    list_per_page = 50
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the sign-in name once it is there, and the roles from who may not grant them."""
        fixed = ("sign_in_name", "show_security_info") if obj else ()
        return fixed if roles.grantable(person(request).roles_in_force) else (*fixed, "show_roles")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Show the roles as text to who may not grant them."""
        granting = "roles" if roles.grantable(person(request).roles_in_force) else "show_roles"
        fields = ("sign_in_name", "name", "primary_address", granting, "groups", "is_active")
        return (*fields, "show_security_info") if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse to act on a stronger role."""
        return _may_act(request, "registration.change_user", obj) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse to act on a stronger role, and on oneself."""
        return obj != request.user and _may_act(request, "registration.delete_user", obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no action on many at once: each person is weighed for itself."""
        return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add or change by the flow; somebody new is sent their one-time link."""
        values, by, here = form.cleaned_data, person(request), origin(request)
        if "roles" in values and not set(values["roles"]) ^ set(
            obj.roles if change else []
        ) <= roles.grantable(by.roles_in_force):
            raise PermissionDenied
        if change:
            fields = [field for field in people.FIELDS if field in values]
            people.change(
                User.objects.get(pk=obj.pk), {field: values[field] for field in fields}, actor=by, origin=here
            )
            return
        added = people.add(
            values["sign_in_name"],
            name=values["name"],
            primary_address=values["primary_address"],
            granted=tuple(values.get("roles", ())),
            actor=by,
            origin=here,
        )
        obj.pk, obj._state.adding = added.pk, False
        link = activation.invite(added, actor=by, origin=here)
        sent = gettext("The one-time link for %(name)s was mailed to %(address)s.")
        shown = gettext("Hand this one-time link to %(name)s; it is shown only now: %(link)s")
        text = sent if added.primary_address else shown
        messages.info(request, text % {"name": added, "address": added.primary_address, "link": link})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete by the flow."""
        people.remove(obj, actor=person(request), origin=origin(request))

    @display(description=_("roles"))
    def show_roles(self, obj: User) -> str:
        """Name the roles."""
        return (
            ", ".join(str(ROLES[role]) for role in roles.in_force(obj.roles, provider=is_provider())) or "–"
        )

    @display(description=_("security info"))
    def show_security_info(self, obj: User) -> str:
        """List what they registered, masked."""
        rows = [
            (row.method.name, row.masked, row.device.created_at.date()) for row in enrolling.registered(obj)
        ]
        return format_html_join("", "<div>{}: {} ({})</div>", rows) or "–"


class GroupAdmin(DeskModelAdmin):
    """Groups, and whether each is selected for password reset."""

    list_display = ("name", "may_reset")
    search_fields = ("name",)
    filter_horizontal = ("groups",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the selection from who may not change the policy: it is a part of it."""
        return () if person(request).has_perm("registration.change_policy") else ("may_reset",)


class ActivityFilter(admin.SimpleListFilter):
    """Narrow the audit log to one activity."""

    title, parameter_name = _("activity"), "activity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List every activity."""
        return [(code.value, words) for code, words in ACTIVITIES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Narrow."""
        return queryset.filter(activity=self.value()) if self.value() else queryset


class AuditEventAdmin(ReadOnlyAdmin):
    """The audit log: read, never changed."""

    list_display = (
        "at",
        "show_activity",
        "show_status",
        "subject",
        "actor",
        "show_method",
        "reason",
        "address",
    )
    list_filter = (ActivityFilter, "status")
    search_fields = ("subject", "actor", "reason")
    list_per_page = 50
    show_full_result_count = False

    @display(description=_("activity"), ordering="activity")
    def show_activity(self, obj: AuditEvent) -> str:
        """Name the activity."""
        return str(ACTIVITIES.get(obj.activity, obj.activity))  # type: ignore[call-overload]  # a text is its enum's member

    @display(description=_("status"), label={"success": "success", "failure": "danger"})
    def show_status(self, obj: AuditEvent) -> tuple[str, str]:
        """Colour the status."""
        return obj.status, obj.get_status_display()

    @display(description=_("method"))
    def show_method(self, obj: AuditEvent) -> str:
        """Name the methods."""
        found = [registry().get(kind) for kind in obj.method.split("+") if kind]
        return ", ".join(str(method.name) for method in found if method) or obj.method


PAGES = (
    (Policy, PolicyAdmin),
    (PasswordProtection, ProtectionAdmin),
    (User, PersonAdmin),
    (Group, GroupAdmin),
    (AuditEvent, AuditEventAdmin),
)


def _with_choices(field: forms.Field, choices: list[tuple[str, Any]]) -> forms.Field:
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = choices
    return field


def _may_act(request: HttpRequest, action: str, obj: Model | None) -> bool:
    mine = person(request).roles_in_force
    return (
        roles.may_for(mine, action, obj.roles_in_force) if isinstance(obj, User) else roles.may(mine, action)
    )
