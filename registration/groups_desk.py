"""The desk's page of one group: its name, the groups in it, and whether it is selected for password reset; previewed."""

from typing import Any

from registration import impact
from registration.foreseeing import GROUPS, Change, Side, nesting
from registration.models import Group, Policy
from registration.previewing import PolicyPreviewed
from tenants.previewing import PreviewedForm


class GroupForm(PreviewedForm):
    """A group; it comes back from the preview as it was typed."""

    class Meta:
        model = Group
        fields = ("name", "groups", "may_reset")


class GroupPreviewed(PolicyPreviewed):
    """What selecting a group, or nesting others in it, does to who may reset."""

    form = GroupForm

    def foreseen(self, form: Any, row: Policy) -> Change | None:
        """Reckon with this group as it would be, and all others as they are."""
        values, pk = form.cleaned_data, form.instance.pk
        chosen = set(Group.objects.filter(may_reset=True).values_list("pk", flat=True))
        wanted = chosen | {pk} if values.get("may_reset", pk in chosen) else chosen - {pk}
        edges = nesting()
        inner = {(pk, group.pk) for group in values["groups"]}
        others = {edge for edge in edges if edge[0] != pk}
        if wanted == chosen and others | inner == set(edges):
            return None
        before = Side.as_saved(row)
        return Change(before, before.with_values({GROUPS: impact.reached(wanted, others | inner)}))
