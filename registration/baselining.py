"""Keep baselines, try them on organizations, and hold these to them: the only writer of all that is about baselines.

What is done to an organization is done by a job of its own, inside it, in one transaction with the line that reports it: a job
that runs again finds the line written and does nothing, and one that never ran can be asked for again.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from licensing.editions import Feature
from licensing.guards import decision
from registration import audit, baseline, census, configuring, questions, standing, tightness
from registration import policy as rules
from registration.audit import Activity
from registration.baseline import Mode, Rules
from registration.labels import POLICY
from registration.licences import lacking
from registration.method import traits
from registration.models import Policy
from registration.visitor import marked
from tenants import hosts, journal
from tenants.context import PUBLIC, current
from tenants.jobs import organization_job
from tenants.models import Baseline, BaselineUse, Organization, Rollout, RolloutLine

logger = logging.getLogger(__name__)
State, Kind = RolloutLine.State, Rollout.Kind


class BaselineProblem(Exception):
    """A baseline cannot be as asked: `field` is what to change, empty where it is the whole."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Refused(Exception):
    """An organization cannot be held to a baseline: `reason` is a code, for which `REASONS` has the words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def problems(asked: Rules) -> list[BaselineProblem]:
    """Return everything for which a baseline is not to be kept: no policy can be so, or it serves nobody."""
    found = [
        BaselineProblem(field, _("Each organization has to say this for itself: choose “no”."))
        for field, rule in asked.items()
        if field in tightness.NEVER_SAID_FOR_THEM and rule.value == tightness.NEVER_SAID_FOR_THEM[field]
    ]
    found += [
        BaselineProblem(
            field, _("This asks for nothing: choose a stricter value, or leave it to the organizations.")
        )
        for field, rule in asked.items()
        if rule.mode is Mode.FLOOR and not tightness.is_floor(field, rule.value)
    ]
    row = Policy(**baseline.beginning(asked))
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as wrong:
        found += [
            BaselineProblem(field if field in asked else "", " ".join(texts))
            for field, texts in wrong.message_dict.items()
        ]
        return found
    if {"methods", "scope"} <= asked.keys():
        found += [
            BaselineProblem("methods", str(POLICY[code]))
            for code in rules.problems(standing.policy(row), traits())
        ]
    return found


@transaction.atomic
def save(kept: Baseline | None, *, name: str, asked: Rules, for_new: bool, actor: str) -> Baseline:
    """Keep a baseline. Organizations that it holds are not changed: they are looked at anew, and may then be below it.

    Raises `BaselineProblem` for the first thing that is wrong with it.
    """
    if found := problems(asked):
        raise found[0]
    row = Baseline.objects.select_for_update().get(pk=kept.pk) if kept else Baseline()
    before = {"name": row.name, "settings": row.settings, "for_new": row.for_new}
    row.name, row.settings, row.for_new = name, baseline.write(asked), for_new
    if for_new:
        Baseline.objects.exclude(pk=row.pk).filter(for_new=True).update(for_new=False)
    row.full_clean()
    row.save()
    after = {"name": row.name, "settings": row.settings, "for_new": row.for_new}
    if before != after:
        _write("baseline_changed" if kept else "baseline_added", actor, before=before, after=after)
        look_at_all.defer(baseline=str(row.pk))
        transaction.on_commit(hosts.forget)
    return row


@transaction.atomic
def remove(row: Baseline, *, actor: str) -> None:
    """Delete a baseline. Raises `BaselineProblem` while an organization is held to it."""
    before = {"name": row.name, "settings": row.settings, "for_new": row.for_new}
    try:
        row.delete()
    except ProtectedError:
        raise BaselineProblem("", _("Organizations are held to it: release them first.")) from None
    _write("baseline_deleted", actor, before=before, after={})


def begin_with(organization: Organization) -> Policy:
    """Give a new organization its policy: as Entra begins, or as the baseline for new organizations has it."""
    row = None if organization.schema_name == PUBLIC else Baseline.objects.filter(for_new=True).first()
    if row is None:
        return Policy.objects.create()
    BaselineUse.objects.create(organization=organization, baseline=row, looked_at=timezone.now())
    return Policy.objects.create(**baseline.beginning(baseline.read(row.settings)))


@transaction.atomic
def roll_out(
    kind: Rollout.Kind, row: Baseline | None, organizations: Iterable[tuple[UUID, str, str]], *, actor: str
) -> Rollout:
    """Begin to try, to apply or to release: a line for each organization (id, schema, name), whose job then writes it.

    The provider's own is left out: it holds itself to what it likes.
    """
    made = Rollout.objects.create(
        kind=kind,
        baseline=row,
        baseline_name=row.name if row else "",
        settings=row.settings if row else {},
        actor=actor,
    )
    RolloutLine.objects.bulk_create(
        [
            RolloutLine(rollout=made, organization_id=pk, schema=schema, name=name)
            for pk, schema, name in organizations
            if schema != PUBLIC
        ],
        batch_size=1000,
    )
    data = {"kind": made.kind, "baseline": made.baseline_name, "organizations": made.lines.count()}
    journal.record("baseline_rollout", actor=actor, organization=_provider(), data=data)
    go_on.defer(rollout=str(made.pk))
    return made


@transaction.atomic
def apply_tried(tried: Rollout, *, actor: str) -> Rollout:
    """Apply to the same organizations what was tried on them. Raises `BaselineProblem` where the baseline is another since."""
    if tried.kind != Kind.DRY or tried.baseline is None or tried.baseline.settings != tried.settings:
        raise BaselineProblem(
            "", _("The baseline was changed or deleted after this dry run: make another one.")
        )
    lines = tried.lines.exclude(organization=None).values_list("organization_id", "schema", "name")
    return roll_out(Kind.APPLY, tried.baseline, lines, actor=actor)


@transaction.atomic
def again(rollout: Rollout, *, actor: str) -> int:
    """Have the lines done that were refused, failed, or never begun; return how many."""
    left = rollout.lines.exclude(organization=None).filter(
        state__in=[State.WAITING, State.REFUSED, State.FAILED]
    )
    count = left.update(state=State.WAITING, reason="")
    if count:
        data = {
            "kind": rollout.kind,
            "baseline": rollout.baseline_name,
            "organizations": count,
            "again": True,
        }
        journal.record("baseline_rollout", actor=actor, organization=_provider(), data=data)
        go_on.defer(rollout=str(rollout.pk))
    return count


@app.task(name="registration.baseline_rollout", queue="housekeeping")
def go_on(*, rollout: str) -> None:
    """Write a job for each line of a rollout that waits, in its organization."""
    waiting = RolloutLine.objects.filter(rollout_id=UUID(rollout), state=State.WAITING)
    lines = waiting.exclude(organization=None).values_list("pk", "schema")
    do.enqueue_in((schema, {"line": str(pk)}) for pk, schema in lines)


@organization_job(name="registration.baseline_line", queue="housekeeping")
def do(*, line: str) -> None:
    """Do what a line says to the organization that it is about, and write down what came of it."""
    mine = RolloutLine.objects.filter(pk=UUID(line), organization=current(), state=State.WAITING)
    try:
        with transaction.atomic():
            if (found := mine.select_for_update().first()) is not None:
                _do(found)
    except Refused as refused:
        mine.update(state=State.REFUSED, reason=refused.reason, at=timezone.now())
    except Exception:  # whatever it was, the line reports it, and the others go on
        logger.exception("a baseline was not applied")
        mine.update(state=State.FAILED, reason="failed", at=timezone.now())
    transaction.on_commit(hosts.forget)


@organization_job(name="registration.baseline_look", queue="housekeeping")
def look(*, baseline: str) -> None:
    """Look at how the organization stands to a baseline, if that one holds it."""
    held = BaselineUse.objects.filter(organization=current(), baseline_id=UUID(baseline)).exists()
    if held and current().state == Organization.State.ACTIVE:
        measure()


@app.task(name="registration.baseline_look_at_all", queue="housekeeping")
def look_at_all(*, baseline: str) -> None:
    """Write the job for each organization that a baseline holds."""
    _look(BaselineUse.objects.filter(baseline_id=UUID(baseline)))


@app.periodic(cron="41 5 * * *")
@app.task(name="registration.baseline_look_everywhere")
def look_everywhere(timestamp: int) -> None:
    """Write the job for each organization that a baseline holds."""
    _look(BaselineUse.objects.all())


def look_at(organizations: QuerySet[Organization]) -> int:
    """Have these organizations looked at, where a baseline holds them; return how many."""
    return _look(BaselineUse.objects.filter(organization__in=organizations))


def _look(uses: QuerySet[BaselineUse]) -> int:
    wanted = list(uses.values_list("organization__schema_name", "baseline_id"))
    look.enqueue_in((schema, {"baseline": str(pk)}) for schema, pk in wanted)
    return len(wanted)


@transaction.atomic
def measure() -> None:
    """Write down what of the entered organization's policy is below its baseline."""
    use = (
        BaselineUse.objects.select_for_update(of=("self",))
        .select_related("baseline")
        .filter(organization=current())
        .first()
    )
    if use is None:
        return
    held = baseline.read(use.baseline.settings)
    use.below = {
        one.field: {"value": one.value, "mode": one.rule.mode.value, "asked": one.rule.value}
        for one in baseline.breaches(held, _values(standing.policy_row(), held))
    }
    use.looked_at = timezone.now()
    use.save(update_fields=["below", "looked_at"])


def policy_has_changed(**_kwargs: Any) -> None:
    """Have the organization looked at again, where a baseline holds it."""
    _look(BaselineUse.objects.filter(organization=current()))


def _do(line: RolloutLine) -> None:
    organization, rollout = current(), line.rollout
    if organization.state != Organization.State.ACTIVE:
        raise Refused("suspended")
    if rollout.kind == Kind.RELEASE:
        _release(line, rollout)
    else:
        if rollout.baseline is None or rollout.baseline.settings != rollout.settings:
            raise Refused("baseline_changed")
        _try(line, rollout, rollout.baseline)
    line.reason, line.at = "", timezone.now()
    line.save()


def _try(line: RolloutLine, rollout: Rollout, row: Baseline) -> None:
    """Say what would change, and change it unless this is a dry run."""
    asked, policy = baseline.read(row.settings), standing.policy_row()
    wanted = baseline.changes(asked, _values(policy, asked))
    line.changes = {
        field: {"before": getattr(policy, field), "after": value} for field, value in wanted.items()
    }
    line.able_before = line.able_after = _able(policy)
    for field, value in wanted.items():
        setattr(policy, field, value)
    if wanted:
        _refuse_unfit(policy)
        line.able_after = _able(policy)
    use = BaselineUse.objects.filter(organization=current()).first()
    is_new = use is None or use.baseline_id != row.pk
    line.state = State.CHANGED if wanted or is_new else State.UNCHANGED
    if rollout.kind == Kind.DRY or line.state == State.UNCHANGED:
        return
    BaselineUse.objects.update_or_create(organization=current(), defaults={"baseline": row})
    data = {"baseline": row.name, "settings": sorted(wanted)}
    audit.record(Activity.BASELINE_APPLIED, actor=marked(rollout.actor), data=data)
    if wanted:
        configuring.configure(wanted, actor=marked(rollout.actor))
    journal.record(
        "baseline_applied",
        actor=rollout.actor,
        organization=current(),
        data={"baseline": row.name, "changes": line.changes},
    )
    measure()


def _release(line: RolloutLine, rollout: Rollout) -> None:
    """Leave the organization as it is, and hold it to nothing any more."""
    use = BaselineUse.objects.select_related("baseline").filter(organization=current()).first()
    line.state = State.CHANGED if use else State.UNCHANGED
    if use:
        name = use.baseline.name
        use.delete()
        audit.record(Activity.BASELINE_RELEASED, actor=marked(rollout.actor), data={"baseline": name})
        journal.record(
            "baseline_released", actor=rollout.actor, organization=current(), data={"baseline": name}
        )


def _refuse_unfit(policy: Policy) -> None:
    """Refuse a policy that nobody here could satisfy."""
    try:
        policy.full_clean()
    except ValidationError:
        raise Refused("not_possible") from None
    if found := rules.problems(standing.policy(policy), traits(), lacking()):
        raise Refused(found[0].value)
    if (
        len(questions.offered(policy.predefined_questions, policy.own_questions))
        < policy.questions_to_register
    ):
        raise Refused("too_few_questions")


def _able(row: Policy) -> int:
    """Return how many people can reset under a policy: one statement, and the groups'."""
    asked, edition = standing.policy(row), decision(Feature.RESET_PASSWORD).allowed
    return sum(
        count
        for who, count in census.counted(census.placed(row=row)).items()
        if rules.may_reset(asked, who, traits(), edition_allows=edition, lacking=lacking())
    )


def _values(row: Policy, asked: Rules) -> dict[str, Any]:
    return {field: getattr(row, field) for field in asked}


def _provider() -> Organization:
    found: Organization = Organization.objects.get(schema_name=PUBLIC)
    return found


def _write(event: str, actor: str, *, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    journal.record(event, actor=actor, organization=_provider(), data={"before": before, "after": after})
