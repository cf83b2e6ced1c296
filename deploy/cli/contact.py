"""Asks for the lead traveller: personal, so it can be typed in where no history and no list of processes keeps it."""

import argparse
import sys
from typing import Any

from deploy.cli.inputs import Bad

CHANNELS = ("phone", "line", "whatsapp", "email")


def add(parser: argparse.ArgumentParser) -> None:
    """Options for the contact; `-` reads a line instead."""
    parser.add_argument("--name", default="-", help="what to call the lead traveller; - asks for it (%(default)s)")
    parser.add_argument("--channel", choices=CHANNELS, help="how to reach them; without it only a name is given")
    parser.add_argument("--address", metavar="TEXT", help="number or address there; - asks for it (with --channel)")


def read(args: argparse.Namespace) -> dict[str, Any]:
    """The contact as the contract has it. Raises Bad when it is not whole."""
    if args.address and not args.channel:
        raise Bad("--channel: say what --address is: phone, line, whatsapp or email")
    contact = {"display_name": _asked("--name", "Name", args.name)}
    if args.channel:
        contact |= {"channel": args.channel, "address": _asked("--address", args.channel, args.address or "-")}
    return {"contact": contact}


def _asked(option: str, prompt: str, given: str) -> str:
    if given == "-":
        if sys.stdin.isatty():
            print(f"{prompt}: ", end="", file=sys.stderr, flush=True)
        given = sys.stdin.readline()
    if not given.strip():
        raise Bad(f"{option}: must not be empty")
    return given.strip()
