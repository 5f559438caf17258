"""A device's state as bytes: JSON of texts, sealed to the row that it belongs to, with what can be told of it beside."""

import json

from registration.method import State, registry
from registration.models import Device
from tenants.shield.sealing import seal, unseal


def read(plain: bytes) -> State:
    """Read a state from its JSON."""
    return {str(key): str(value) for key, value in json.loads(plain).items()}


def write(state: State) -> bytes:
    """Write a state as JSON."""
    return json.dumps(dict(state), sort_keys=True).encode()


def of(device: Device) -> State:
    """Open what a device keeps."""
    return read(unseal(bytes(device.sealed), context=device.context))


def keep(device: Device, state: State) -> None:
    """Seal a state into a device, with its marks beside it; the caller saves it."""
    device.marks = registry()[device.kind].marks(state)
    device.sealed = seal(write(state), context=device.context)
