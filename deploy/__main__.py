"""`python -m deploy`, which `./handoff` becomes: the command line, in `deploy.command_line`."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    os.write(2, b"handoff: ended; nothing was asked\n")
    os._exit(130)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _end)  # Ctrl-C while modules load ends it, without a traceback
    from deploy.command_line import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
