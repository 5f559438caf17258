"""Processes that end with the one that started them, however that one ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tie(number: int, parent: int) -> None:
    """Ask the kernel to send this process a signal when its parent ends; Linux alone can do that.

    The request outlives exec, but not a change of user: change that first. A parent that has ended
    before the request was made counts too, which is why its process id is asked for.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def tied(number: int, first: Callable[[], None] | None = None) -> Callable[[], None]:
    """Return a `preexec_fn` that ties a child to this process, and gives it signals as they were at the start.

    Start such children from the main thread: what the kernel watches is the thread that forked.
    """
    parent = os.getpid()

    def prepare() -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if first:
            first()
        tie(number, parent)

    return prepare
