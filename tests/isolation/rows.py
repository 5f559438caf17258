"""A row of every model of an organization: what stands there already, else one made from the types of its fields.

A model that cannot be made so has its own recipe in `RECIPES`.
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Field, Model
from django.utils import timezone

from registration import people
from registration.models import Device, User
from tenants.context import current
from tenants.models import SignInName
from tests.building import give_email

#: Stands in whatever Contoso has, and must be seen nowhere else.
MARK = "zircon"


def of_organizations() -> list[type[Model]]:
    """Return every model whose table stands in each organization's schema, those between two models included."""
    labels = [app.rpartition(".")[2] for app in settings.TENANT_APPS]
    return [
        model
        for label in labels
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]


def shared() -> list[type[Model]]:
    """Return every other model."""
    return [
        model for model in apps.get_models(include_auto_created=True) if model not in set(of_organizations())
    ]


def _device() -> Model:
    bo = User.objects.get(sign_in_name__startswith="bo@")  # a desk removes no device of its own person's
    return bo.devices.first() or give_email(bo, f"bo@{MARK}.example")


def _user() -> Model:
    """Return somebody who has no password yet, so that every button of their page is there."""
    name = f"new@{SignInName.objects.get(organization=current()).name}"
    known = User.objects.filter(sign_in_name=name).first()
    return known or people.add(name, name=f"{MARK} new", primary_address=f"new@{MARK}.example", actor="tests")


#: For models whose example is more than its fields.
RECIPES: Mapping[type[Model], Callable[[], Model]] = MappingProxyType({Device: _device, User: _user})

_VALUES: Mapping[type[Any], Callable[[Any], object]] = MappingProxyType(
    {
        models.BooleanField: lambda _field: False,
        models.IntegerField: lambda _field: 1,
        models.DateTimeField: lambda _field: timezone.now(),
        models.DateField: lambda _field: timezone.now().date(),
        models.UUIDField: lambda _field: uuid.uuid4(),
        models.BinaryField: lambda _field: MARK.encode(),
        models.JSONField: lambda _field: {},
        models.CharField: lambda field: f"{MARK}-{secrets.token_hex(12)}"[: field.max_length],
        models.TextField: lambda _field: MARK,
    }
)


def example(model: type[Model]) -> Model:
    """Return a row of the organization that has been entered."""
    made = RECIPES[model]() if model in RECIPES else model._default_manager.first()
    return made or model._default_manager.create(
        **{field.name: _value(field) for field in model._meta.concrete_fields if _is_needed(field)}
    )


def _is_needed(field: "Field[Any, Any]") -> bool:
    given = (
        field.has_default()
        or field.null
        or getattr(field, "auto_now_add", False)
        or getattr(field, "auto_now", False)
    )
    return not (given or isinstance(field, models.AutoField))


def _value(field: "Field[Any, Any]") -> object:
    if isinstance(field, models.ForeignKey):
        return example(field.related_model)
    if field.choices:
        return next(iter(field.flatchoices))[0]
    for kind, value in _VALUES.items():
        if isinstance(field, kind):
            return value(field)
    raise NotImplementedError(
        f"tests/isolation/rows.py cannot make a value for {field}: add its type to _VALUES, or the model to RECIPES."
    )
