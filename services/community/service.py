"""The community service: who the communities are, what they offer, who partners with whom, and which agencies book."""

from __future__ import annotations

from pathlib import Path

from contracts.agencies import v1 as agencies
from contracts.border import v1 as border
from contracts.community import v1
from services.chassis.process import audit_checkpoints
from services.chassis.process.operations import Operated
from services.chassis.process.service import Database, chore, command, message, query
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from services.community.handlers import agreement, keys, offering, partnership


class Community(Operated):
    """Owns profiles, experiences with their standing schedule, partnerships, agencies and agreements."""

    name = "community"
    store = Database(CommunityUnitOfWork, migrations=Path(__file__).parent / "migrations")

    publish_offering = command(v1.PublishOffering, offering.publish_offering)
    propose_partnership = command(v1.ProposePartnership, partnership.propose_partnership)
    agree_partnership = command(v1.AgreePartnership, partnership.agree_partnership)
    suspend_partnership = command(v1.SuspendPartnership, partnership.suspend_partnership)
    end_partnership = command(v1.EndPartnership, partnership.end_partnership)
    rotate_key = command(v1.RotateKey, keys.rotate_key)
    add_agency = command(agencies.AddAgency, agreement.add_agency)
    propose_agreement = command(agencies.ProposeAgreement, agreement.propose_agreement)
    agree_agreement = command(agencies.AgreeAgreement, agreement.agree_agreement)
    end_agreement = command(agencies.EndAgreement, agreement.end_agreement)
    restate = command(v1.Restate, offering.restate)

    partnership_proposed = message(border.PartnershipProposed, partnership.partnership_proposed)
    partnership_agreed = message(border.PartnershipAgreed, partnership.partnership_agreed)
    partnership_suspended = message(border.PartnershipSuspended, partnership.partnership_suspended)
    partnership_ended = message(border.PartnershipEnded, partnership.partnership_ended)
    key_rotated = message(border.KeyRotated, keys.key_rotated)

    find_communities = query(v1.FindCommunities, offering.find_communities)
    find_experiences = query(v1.FindExperiences, offering.find_experiences)
    list_partnerships = query(v1.ListPartnerships, partnership.list_partnerships)
    list_agencies = query(agencies.ListAgencies, agreement.list_agencies)
    list_agreements = query(agencies.ListAgreements, agreement.list_agreements)

    checkpoint = chore(20.0, audit_checkpoints.checkpoint)
    list_keys = query(v1.ListKeys, keys.list_keys)
