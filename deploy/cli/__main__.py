"""`./handoff VERB`: find the verb's module, run it, and say a problem in one sentence."""

import argparse
import sys
from collections.abc import Sequence

from deploy.cli import check, importing, test, up
from deploy.local.problems import Problem

VERBS = (up, importing, test, check)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 is success, 1 a failed verb, 2 a problem of this machine or of the arguments."""
    parser = argparse.ArgumentParser(prog="handoff", description="Communities hand tourists over to one another.")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb in VERBS:
        verb.register(verbs)
    chosen, rest = parser.parse_known_args(arguments)
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 2 if rest else 0
    chosen.rest = rest
    if rest and not getattr(chosen, "takes_rest", False):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        return int(chosen.run(chosen))
    except Problem as problem:
        print(f"handoff: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
