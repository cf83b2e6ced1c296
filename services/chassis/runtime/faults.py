"""Named points at which tests can kill a process, to see what is lost there. Off by default."""

from __future__ import annotations

import os
import signal

#: In the order in which a message passes them, then those of telling people and agencies, and those of a renewal of
#: the record keys.
POINTS = (
    *("after_receive", "before_commit", "after_commit_before_ack", "after_publish_before_mark"),
    *("after_tell_before_mark", "after_notify_before_mark"),
    *("after_record_key_made", "after_keys_wrapped_anew", "before_record_keys_destroyed"),
)
SETTING = "HANDOFF_CRASH_AT"
_WHERE, _, _WHAT = os.environ.get(SETTING, "").partition(":")
if _WHERE and _WHERE not in POINTS:
    raise ValueError(f"{SETTING}: {_WHERE} is not one of {', '.join(POINTS)}")


def point(name: str, subject: str = "") -> None:
    """Die by SIGKILL if `HANDOFF_CRASH_AT` was, at the start, `name`, or `name:text` with `text` in the subject."""
    if name == _WHERE and _WHAT in subject:
        os.kill(os.getpid(), signal.SIGKILL)
