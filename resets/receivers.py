"""What lower rooms announce, acted on here."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from registration import audit_wording
from registration.enrolling import device_removed
from registration.models import User
from registration.objecting import objected
from registration.passwords import password_set
from resets import changing, flow
from resets.journey import Stop
from resets.writeback.models import Job
from resets.writeback.queue import settled

audit_wording.contribute({Stop.ABANDONED: _("The person ended it, or began another one.")})


@receiver(settled)
def act_on_an_answer(job: Job, after: dict[str, Any], **_kwargs: Any) -> None:
    """Do here what a directory's answer brings: to a reset, or to the change of somebody who is signed in."""
    if job.reset_id is not None:
        flow.settle(job, after)
    elif job.operation == Job.Operation.CHANGE:
        changing.settle(job, after)


@receiver([password_set, objected])
def end_resets(user: User, **_kwargs: Any) -> None:
    """End every reset that is under way: whoever passed its gates must not set the password once more."""
    flow.end_all(user)


@receiver(device_removed)
def forget_proofs(user: User, kind: str, **_kwargs: Any) -> None:
    """Take back what was proved by this kind: a thief may have proved the very one that its owner removed."""
    flow.forget_proofs(user, kind)
