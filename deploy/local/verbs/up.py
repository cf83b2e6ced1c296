"""`handoff up`: run a node with everything in it."""

import argparse
import os
import sys
from pathlib import Path

from services.client import local_api
from services.client.phrases.spoken import _

#: The pages' port, unless another is given, is the node's and so many; the same for agencies' software.
PORTAL_AHEAD, AGENCIES_AHEAD = 80, 90


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    line = _("run a node here, with its own database and bus, until Ctrl-C")
    parser = verbs.add_parser("up", help=line)
    usual_port = int(os.environ.get("HANDOFF_PORT") or 8000)
    usual = Path(os.environ.get("HANDOFF_DATA") or local_api.default_folder())
    port = _("where people reach it (HANDOFF_PORT; %(default)s)")
    portal = _("where phones reach its pages (HANDOFF_PORTAL_PORT; the port and %(ahead)s)") % {"ahead": PORTAL_AHEAD}
    agencies = _("where agencies' software reaches it (HANDOFF_AGENCY_API_PORT; the port and %(ahead)s)")
    agencies %= {"ahead": AGENCIES_AHEAD}
    alone = _("pages for this machine only, not for phones in the same network")
    folder = _("where it keeps its data (HANDOFF_DATA; %(default)s)")
    clock = _("settable: for trials, see `handoff clock`")
    empty = _("start empty, without the demonstration communities")
    parser.add_argument("--port", type=int, default=usual_port, help=port)
    parser.add_argument("--portal-port", type=int, default=_port_of("PORTAL"), metavar="PORT", help=portal)
    parser.add_argument("--agency-port", type=int, default=_port_of("AGENCY_API"), metavar="PORT", help=agencies)
    parser.add_argument("--here-only", action="store_true", help=alone)
    parser.add_argument("--data", type=Path, default=usual, metavar="DIR", help=folder)
    parser.add_argument("--no-demo", action="store_true", help=empty)
    parser.add_argument("--clock", choices=("machine", "settable"), default="machine", help=clock)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Become the node: same process, new interpreter, because eventlet must be imported first."""
    base = args.data.absolute()
    command = [sys.executable, "-m", "deploy.local", "--port", str(args.port), "--data", str(base)]
    portal_port = args.portal_port or args.port + PORTAL_AHEAD
    portal_host = os.environ.get("HANDOFF_PORTAL_HOST") or ("127.0.0.1" if args.here_only else "0.0.0.0")
    command += ["--portal-port", str(portal_port), "--portal-host", portal_host]
    command += ["--agency-port", str(args.agency_port or args.port + AGENCIES_AHEAD)]
    command += ["--clock", args.clock, *([] if args.no_demo else ["--demo"])]
    os.execv(sys.executable, command)


def _port_of(edge: str) -> int:
    return int(os.environ.get(f"HANDOFF_{edge}_PORT") or 0)
