"""The desk's pages of people, their methods and their groups."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from registration import enrolling, grouping, people, roles
from registration.groups_desk import GroupPreviewed
from registration.labels import ROLES
from registration.method import registry
from registration.models import Device, Group, User
from registration.numbers_desk import PersonNumbers
from registration.origin import origin
from registration.people import PersonProblem
from registration.people_list import PeopleList
from registration.person_care import PersonCare, invite
from registration.proof import person
from registration.reminding_desk import RemindingDesk
from tenants.context import current, is_provider
from tenants.desks import DeskModelAdmin
from tenants.models import SignInName


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person; a password is never asked here: they choose it by a one-time link."""

    #: Who fills it in; the page sets it.
    acting: User

    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = User
        fields = ("sign_in_name", "name", "primary_address", "roles", "groups", "is_active", "must_change")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sign_in_name" in self.fields:
            name = SignInName.objects.filter(organization=current(), verified_at__isnull=False).first()
            self.fields["sign_in_name"].help_text = gettext(
                "Such as %(sample)s. A one-time link to choose a password goes to the primary address at once; where"
                " there is none, it is shown to you once."
            ) % {"sample": f"adele@{name}"}
        field = self.fields.get("roles")
        if not roles.grantable(self.acting.roles_in_force):
            self.fields.pop("roles", None)
        elif isinstance(field, forms.MultipleChoiceField):
            field.choices = [(role.value, ROLES[role]) for role in roles.valid_roles(is_provider())]

    def clean_sign_in_name(self) -> str:
        """Check the name as the flow will, so that a problem stands at its field."""
        try:
            return people.checked_sign_in_name(self.cleaned_data["sign_in_name"])
        except PersonProblem as problem:
            raise ValidationError(str(problem), code=problem.field) from problem

    def clean_roles(self) -> list[str]:
        """Refuse to change one's own, so that whoever can grant remains, and to give what one may not."""
        wanted: list[str] = self.cleaned_data["roles"]
        changed = set(wanted) ^ set(self.instance.roles)
        if changed and self.instance.pk == self.acting.pk:
            raise ValidationError(
                gettext("Another administrator has to change your roles."), code="own_roles"
            )
        if not changed <= roles.grantable(self.acting.roles_in_force):
            raise ValidationError(gettext("You may not grant or take this role."), code="not_grantable")
        return wanted

    def clean(self) -> dict[str, Any]:
        """Refuse to leave nobody who can grant roles."""
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            people.keep_one_administrator(self.instance, cleaned)
        except PersonProblem as problem:
            raise ValidationError(str(problem), code="last_administrator") from problem
        return cleaned

    def clean_is_active(self) -> bool:
        """Refuse to disable oneself."""
        wanted: bool = self.cleaned_data["is_active"]
        if not wanted and self.instance.pk == self.acting.pk:
            raise ValidationError(gettext("Another administrator has to disable you."), code="own_account")
        return wanted


class PersonAdmin(RemindingDesk, PeopleList, PersonNumbers, PersonCare):
    """People: who they are, what they may do, what they registered."""

    form = PersonForm
    audited_by_flow = True
    filter_horizontal = ("groups",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        return type("ActingForm", (form,), {"acting": person(request)})

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the sign-in name once it is there, and the roles from who may not grant them."""
        fixed = ("sign_in_name",) if obj else ()
        return fixed if roles.grantable(person(request).roles_in_force) else (*fixed, "show_roles")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Show the roles as text to who may not grant them; somebody new is enabled."""
        granting = "roles" if roles.grantable(person(request).roles_in_force) else "show_roles"
        fields = ("sign_in_name", "name", "primary_address", granting, "groups")
        return (*fields, "is_active", "must_change") if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse to act on a stronger role."""
        return _may_act(request, "registration.change_user", obj) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse to act on a stronger role, and on oneself."""
        return obj != request.user and _may_act(request, "registration.delete_user", obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add or change by the flow; somebody new is sent their one-time link."""
        values, by, here = form.cleaned_data, person(request), origin(request)
        if change:
            known = User.objects.get(pk=obj.pk)
            people.change(
                known,
                {field: values[field] for field in people.FIELDS if field in values},
                actor=by,
                origin=here,
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
        invite(request, added)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put into groups by the flow, which writes down the groups before and after."""
        user = User.objects.get(pk=form.instance.pk)
        people.put_into_only(
            user, list(form.cleaned_data["groups"]), actor=person(request), origin=origin(request)
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete by the flow."""
        people.remove(obj, actor=person(request), origin=origin(request))


class DeviceAdmin(DeskModelAdmin):
    """Security info of all people, to remove what somebody has lost. What it holds is not shown."""

    audited_by_flow = True
    list_display = ("user", "show_method", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__sign_in_name",)
    fields = readonly_fields = ("user", "show_method", "created_at", "last_used_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only its owner can confirm what is theirs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse to act on a stronger role, and on oneself: one's own stand on the page of security info."""
        whose = obj.user if isinstance(obj, Device) else None
        return whose != request.user and _may_act(request, "registration.delete_device", whose)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no action on many at once: each person is weighed for itself."""
        return {}

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove by the flow, which tells its owner."""
        enrolling.remove(obj.user, obj, actor=person(request), origin=origin(request))

    @display(description=_("method"))
    def show_method(self, obj: Device) -> str:
        """Name the method."""
        method = registry().get(obj.kind)
        return str(method.name) if method else obj.kind


class GroupAdmin(GroupPreviewed):
    """Groups, and whether each is selected for password reset."""

    audited_by_flow = True
    list_display = ("name", "may_reset")
    search_fields = ("name",)
    filter_horizontal = ("groups",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the selection from who may not change the policy: it is a part of it."""
        return () if person(request).has_perm("registration.change_policy") else ("may_reset",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no action on many at once: each is written down for itself."""
        return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what each field was and is."""
        values = {field: form.cleaned_data[field] for field in grouping.FIELDS if field in form.cleaned_data}
        saved = grouping.save(
            obj.pk if change else None, values, actor=person(request), origin=origin(request)
        )
        obj.pk, obj._state.adding = saved.pk, False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nest by the flow."""
        inner = list(form.cleaned_data["groups"])
        grouping.nest(form.instance.pk, inner, actor=person(request), origin=origin(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete by the flow."""
        grouping.remove(obj, actor=person(request), origin=origin(request))


def _may_act(request: HttpRequest, action: str, obj: Model | None) -> bool:
    mine = person(request).roles_in_force
    return (
        roles.may_for(mine, action, obj.roles_in_force) if isinstance(obj, User) else roles.may(mine, action)
    )


PAGES = ((User, PersonAdmin), (Device, DeviceAdmin), (Group, GroupAdmin))
