"""`python -m deploy.local`: the node's own process, kept apart so that the engine is patched before anything else."""

import argparse
import signal
import sys
from contextlib import suppress
from pathlib import Path

from deploy.local import node
from services.client.phrases.spoken import _, spoken
from services.client.problems import Problem


def main() -> int:
    """Run a node; 2 is a problem of this machine or of the arguments."""
    args = _arguments()

    def ready() -> None:
        from deploy.local.welcome import welcome  # after the patch

        with suppress(Problem):  # we are that node: if it does not answer, it is ending
            welcome(settings, demo=args.demo)

    settings = node.NodeSettings(
        port=args.port,
        portal_port=args.portal_port,
        portal_host=args.portal_host,
        agency_port=args.agency_port,
        base=args.data,
        clock=args.clock,
    )
    try:
        code = node.run(settings, ready=ready)
    except Problem as problem:
        node.say(problem.told(spoken()))
        return 2
    if code == 0:
        node.say(_("the node has ended; its data is kept in {folder}", folder=args.data))
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--portal-port", type=int, default=0)  # any that is free, for nodes that nobody looks at
    parser.add_argument("--portal-host", default="127.0.0.1")
    parser.add_argument("--agency-port", type=int, default=0)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clock", choices=("machine", "settable"), default="machine")
    parser.add_argument("--demo", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the node takes it over; Ctrl-C before that just ends
    sys.exit(main())
