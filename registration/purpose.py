"""What a proof is asked for."""

from enum import StrEnum


class Purpose(StrEnum):
    """A challenge answers its own purpose only."""

    ENROL = "enrol"
    PROVE = "prove"
    RESET = "reset"
    ACTIVATE = "activate"
    OBJECT = "object"
    HELP = "help"
