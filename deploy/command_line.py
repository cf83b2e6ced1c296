"""`./handoff`: the verbs of people, and beside them those for the node on this machine and for its developers."""

from collections.abc import Sequence

from deploy.demo import verb as demo
from deploy.develop import bench, check, screens, test
from deploy.local.verbs import doctor, keys, up
from services.cli import main as cli
from services.cli.verbs import (
    agencies,
    audit,
    booking,
    consent,
    contacts,
    crossing,
    erasing,
    handoff,
    importing,
    members,
    offer,
    operating,
    operators,
    partners,
    passes,
    personal_part,
    queries,
    reconciling,
    statements,
)
from services.client.phrases.catalogue import N_

VERBS: cli.Verbs = {
    N_("Look"): (queries, demo),
    N_("Your partners"): (partners, agencies, statements),
    N_("Hand a party over"): (offer, handoff, passes),
    N_("Over the border"): (crossing,),
    N_("What is known of a party"): (consent, personal_part, contacts, erasing),
    N_("Your own places"): (booking,),
    N_("Run a node"): (up, importing, doctor, reconciling, operating, keys, members, operators, audit),
    N_("Work on the system"): (test, check, bench, screens),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns an exit code of `services.cli.outcome`."""
    return cli.main(VERBS, arguments)
