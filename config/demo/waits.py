"""The waits' entrance in the demo: a process of the web server ends with the one that manages them, even killed."""

import os
import signal

from config.demo.tether import tie

tie(signal.SIGKILL, os.getppid())

from config.asgi import application  # noqa: E402 - tied first, so that no moment is left in which it is not

__all__ = ["application"]
