"""`python -m deploy.cli`, which `./handoff` becomes: the command line, in `deploy.cli.main`."""

import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules load ends it, without a traceback
    from deploy.cli.main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
