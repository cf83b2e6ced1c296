"""`python -m services all`, or any of the services by name, in this process. Settings come from the environment."""

import os

os.environ["EVENTLET_HUB"] = "asyncio"  # before eventlet is imported, and eventlet before anything else
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet announces its retirement at every import
    import eventlet
eventlet.monkey_patch()

import argparse  # noqa: E402 - after the patch
import importlib  # noqa: E402 - after the patch
import sys  # noqa: E402 - after the patch
from collections.abc import Callable, Sequence  # noqa: E402 - after the patch

from contracts import described  # noqa: E402 - after the patch
from services.chassis.process.runner import serve  # noqa: E402 - after the patch
from services.chassis.runtime.settings import Settings  # noqa: E402 - after the patch
from services.chassis.storage.migrations import Unusable  # noqa: E402 - after the patch
from services.chassis.trust.speakers import login_of  # noqa: E402 - after the patch
from services.chassis.trust.vault import Vault  # noqa: E402 - after the patch

SERVICES = tuple(dict.fromkeys((*described.SERVICES, *described.EDGES)))


def main(
    arguments: Sequence[str] | None = None,
    *,
    ready: Callable[[], None] | None = None,
    healthy: Callable[[], bool] | None = None,
) -> int:
    """Run until SIGTERM or SIGINT; 2 when a setting is missing or wrong."""
    parser = argparse.ArgumentParser(prog="python -m services")
    parser.add_argument("names", nargs="+", choices=[*SERVICES, "all"], metavar="service")
    names = parser.parse_args(arguments).names
    wanted = list(SERVICES) if "all" in names else list(dict.fromkeys(names))
    classes = []
    for name in wanted:
        module = importlib.import_module(f"services.{name}.service")
        classes.append(getattr(module, name.title().replace("_", "")))  # services/local_api/service.py: LocalApi
    try:
        settings = Settings.read()
        _check(settings, names)
        serve(settings, classes, ready=ready, healthy=healthy)
    except Unusable as problem:
        print(f"handoff: HANDOFF_DATABASE_URL: {problem}", file=sys.stderr)
        return 2
    except (ValueError, OSError) as problem:
        print(f"handoff: {problem}", file=sys.stderr)
        return 2
    return 0


def _check(settings: Settings, names: Sequence[str]) -> None:
    """Say at once what the first message would say. Raises ValueError."""
    if "all" not in names and settings.amqp_url.startswith("inproc:"):
        raise ValueError("HANDOFF_AMQP_URL is not set: a service by itself needs a broker to reach the others")
    login = login_of(settings.amqp_url)
    if login in SERVICES and list(names) != [login]:
        raise ValueError(
            f"HANDOFF_AMQP_URL has the login of {login} alone: give one for all, or start {login} by itself"
        )
    if settings.node_keys is not None:
        Vault(settings.node_keys)
        if settings.record_keys is None and {"all", "referral"} & {*names}:
            raise ValueError("HANDOFF_DATA is not set: name the node's folder, the same for each of its processes")
    elif list(names) != ["local_api"]:
        raise ValueError("HANDOFF_NODE_KEYS is not set: name the file of this node's keys, the same for each service")


if __name__ == "__main__":
    sys.exit(main())
