"""Named points at which a process can be made to die, so that tests can ask what is lost there. Off by default."""

from __future__ import annotations

import os
import signal

#: In the order in which a message passes them.
POINTS = ("after_receive", "before_commit", "after_commit_before_ack", "after_publish_before_mark")
SETTING = "HANDOFF_CRASH_AT"


def point(name: str, subject: str = "") -> None:
    """Die by SIGKILL if `HANDOFF_CRASH_AT` is `name`, or `name:text` with `text` in the subject."""
    wanted = os.environ.get(SETTING)
    if wanted is None:
        return
    where, _, what = wanted.partition(":")
    if where == name and what in subject:
        os.kill(os.getpid(), signal.SIGKILL)
