"""Every model of an organization: a row of Contoso's is not there at another, and no id of it could be."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Field, Model

from registration.models import User
from tenants.context import entered
from tests.building import Org
from tests.isolation import catalogue, rows
from tests.isolation.furnished import Furnished

MODELS = rows.of_organizations()
#: Every model whose one table stands in public, with the reason why that may be.
SHARED: Mapping[str, str] = MappingProxyType(
    {
        "tenants.Organization": "who the organizations are: the provider's",
        "tenants.Domain": "which host is whose: asked before it is known who is served",
        "tenants.SignInName": "which name after @ is whose: no two have the same",
        "tenants.Glance": "how each organization stands, in numbers, for the provider's list",
        "tenants.Creation": "which organization an operator asked for: there is none yet to keep it in",
        "tenants.JournalEntry": "what operators did to organizations; it outlives them",
        "tenants.Baseline": "what the provider asks of its organizations",
        "tenants.BaselineUse": "which organization a baseline holds, and what it is below",
        "tenants.BaselineBoard": "a page over the same rows",
        "tenants.Rollout": "a baseline tried or applied to many, by an operator",
        "tenants.RolloutLine": "what became of it at one of them",
        "tenants.Visit": "an operator's visit of a desk, with its reason",
        "tenants.Counter": "one statement counts; its keys are digests that carry the schema",
        "tenants.PreparedSchema": "the SQL of an empty organization; nobody's data",
        "licensing.Subscription": "what the provider sold to whom",
        "admin.LogEntry": "Django's; empty, the audit trail has the history",
        "auth.Permission": "Django's; unused, roles are code",
        "auth.Group": "Django's; empty, roles are code",
        "auth.Group_permissions": "Django's; empty, roles are code",
        "contenttypes.ContentType": "names of models; nobody's data",
        "account.EmailAddress": "allauth's; empty, addresses are devices",
        "account.EmailConfirmation": "allauth's; empty, codes are challenges",
        "procrastinate.ProcrastinateWorker": "workers serve all organizations",
        "procrastinate.ProcrastinateJob": "one queue; a job names its schema and holds no secret (test_jobs)",
        "procrastinate.ProcrastinateEvent": "one queue",
        "procrastinate.ProcrastinatePeriodicDefer": "one clock",
    }
)
#: Tables that Django and allauth borrow for the public schema alone, and that nothing fills.
EMPTY = (
    "admin.LogEntry",
    "auth.Group",
    "auth.Group_permissions",
    "account.EmailAddress",
    "account.EmailConfirmation",
)
#: Models whose ids count up, with the reason why nobody can do anything with such an id.
COUNTED: Mapping[str, str] = MappingProxyType(
    {
        "registration.User_groups": "between two models; no page, session or job knows its ids",
        "registration.Group_groups": "between two models; no page, session or job knows its ids",
    }
)
#: Models whose id is a random text made by somebody else.
RANDOM_TEXT: Mapping[str, str] = MappingProxyType(
    {"sessions.Session": "Django makes 32 random letters and digits"}
)
OTHERS = ("fabrikam", "public")
_BITS = 62  # of 40 random numbers with 63 bits one has its highest, but for one time in 10^12


def of(model: type[Model]) -> str:
    """Return a model's name."""
    return model._meta.label


def keys(model: type[Model]) -> Iterator["Field[object, object]"]:
    """Yield a model's foreign keys and many-to-manies."""
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey | models.ManyToManyField):
            yield field


def test_every_shared_model_is_here_with_its_reason() -> None:
    found = {of(model) for model in rows.shared() if not of(model).startswith("demo.")}
    assert found == set(SHARED), (
        "A model stands in the public schema alone. If that may be, say why in SHARED in tests/isolation/test_models.py; "
        "else put its app into settings.BOTH."
    )


@pytest.mark.django_db
@pytest.mark.parametrize("label", EMPTY)
def test_what_is_borrowed_is_empty(label: str) -> None:
    model = next(one for one in rows.shared() if of(one) == label)
    assert model._default_manager.count() == 0


@pytest.mark.parametrize("schema", catalogue.SCHEMAS)
@pytest.mark.parametrize("model", MODELS, ids=of)
def test_its_table_stands_in_each_schema(had: Furnished, model: type[Model], schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [f'{schema}."{model._meta.db_table}"'])
        assert cursor.fetchone() != (None,)


@pytest.mark.parametrize("model", MODELS, ids=of)
def test_no_key_of_it_leaves_the_schema(model: type[Model]) -> None:
    assert [field.name for field in keys(model) if field.related_model not in MODELS] == []


@pytest.mark.parametrize("model", rows.shared(), ids=of)
def test_no_key_of_a_shared_one_leads_into_a_schema(model: type[Model]) -> None:
    """But for two empty tables that Django and allauth bring."""
    assert {field.related_model for field in keys(model)} & set(MODELS) <= (
        {User} if of(model) in EMPTY else set()
    )


@pytest.mark.parametrize("model", MODELS, ids=of)
def test_its_ids_are_random(model: type[Model]) -> None:
    """So that no id of one organization exists in another."""
    pk = model._meta.pk
    assert pk is not None
    if of(model) in COUNTED or of(model) in RANDOM_TEXT:
        return
    why = f"An id of {of(model)} could exist in two organizations: give it a UUID or registration.models.random_id."
    assert callable(pk.default), why
    made = [pk.get_default() for _time in range(40)]
    assert len(set(made)) == 40, why
    assert max(int(one) for one in made).bit_length() >= _BITS, why


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("model", MODELS, ids=of)
def test_a_row_of_it_is_not_there(had: Furnished, model: type[Model], other: str) -> None:
    row = rows.example(model)
    before = catalogue.state()
    assert model._default_manager.filter(pk=row.pk).exists()
    if of(model) not in COUNTED:
        with entered(Org(other).row):
            found = model._base_manager.filter(pk=row.pk)
            assert not found.exists()
            assert row.pk not in set(model._default_manager.values_list("pk", flat=True))
            with pytest.raises(ObjectDoesNotExist):
                model._default_manager.get(pk=row.pk)
            with pytest.raises(ObjectDoesNotExist):
                row.refresh_from_db()
            assert found.update(**_same(row)) == 0
            assert found.delete()[0] == 0
            with pytest.raises(DatabaseError), transaction.atomic():
                row.save(force_update=True)
            model(pk=row.pk).delete()
    assert catalogue.written(before) == []


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("model", MODELS, ids=of)
def test_what_another_deletes_is_its_own(had: Furnished, model: type[Model], other: str) -> None:
    """All of it: what Contoso has stays."""
    rows.example(model)
    before = catalogue.state()
    with entered(Org(other).row):
        rows.example(model)
        model._base_manager.all().delete()
        assert not model._base_manager.exists()
    assert catalogue.written(before, but=[other]) == []


def _same(row: Model) -> dict[str, object]:
    """Return a field with the value that it has."""
    field = next(one for one in row._meta.concrete_fields if not one.primary_key)
    return {field.attname: getattr(row, field.attname)}
