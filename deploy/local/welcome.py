"""What a node does and says when it is up: demonstration communities on first start, where it runs, what to do next."""

from pathlib import Path

from deploy.cli import importing
from deploy.cli.door import Door
from deploy.local.node import say


def welcome(port: int, base: Path, *, demo: bool) -> None:
    """Load the demonstration communities if the node is empty and wants them, then speak."""
    door = Door.of(port, base)
    if demo and not door.ask("community.find_communities", {"limit": 1})["items"]:
        say("first start: loading the demonstration communities")
        for line in importing.send(door, importing.demo()):
            say(line)
    known = door.ask("community.find_communities", {"limit": 200})["items"]
    here = f"--port {port} --data {base}"
    say(f"the node is up: http://127.0.0.1:{port}/readyz, data in {base}, {len(known)} communities")
    say(f"next, in another terminal: ./handoff find {here}")
    say(f"to hand a party over: ./handoff offer --help     to see whole handoffs: ./handoff demo     ({here})")
    say("Ctrl-C ends it; what is under way goes on at the next start")
