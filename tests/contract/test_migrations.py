"""Migrations that have landed stay as they are: a database remembers their digests and refuses one that has changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tests.contract.sources import ROOT

#: File → the first signs of its SHA-256, comments and all. A new migration adds a line; no line is ever changed.
LANDED = {
    "agency_api/migrations/0007_shares.sql": "59b039f7f6339f1e",
    "agency_api/migrations/0004_voucher.sql": "1efb93c0fdad2e6c",
    "agency_api/migrations/0006_states.sql": "848f85e10d6bca13",
    "agency_api/migrations/0002_notifications.sql": "e658881ca7ecba3b",
    "agency_api/migrations/0003_forgetting.sql": "83ea8245f962bfb2",
    "booking/migrations/0001_booking.sql": "db5c09d359eb3caa",
    "booking/migrations/0002_listing.sql": "3c0e1b39f3b15fa7",
    "booking/migrations/0003_replacing.sql": "71d7f6f38f1c6588",
    "booking/migrations/0004_accounts.sql": "ab3bc523bad0612c",
    "booking/migrations/0005_agencies.sql": "031a62b808e3f7ad",
    "booking/migrations/0009_voucher.sql": "8010b693d1dca16d",
    "booking/migrations/0006_open_holds.sql": "5c716a04e097eebc",
    "booking/migrations/0007_shares.sql": "682bc22cefd19588",
    "booking/migrations/0010_pending_holds.sql": "f3e281a044b38e3d",
    "chassis/storage/node_schema/0001_node.sql": "5f867fb565a95e9f",
    "chassis/storage/node_schema/0002_keys.sql": "2e28e65f4586f418",
    "chassis/storage/node_schema/0003_audit.sql": "fcc4b43605ffbb93",
    "chassis/storage/node_schema/0004_keys_in_force.sql": "8a4f8df8bfe0b355",
    "agency_api/migrations/0001_agencies.sql": "34651ad008a40be3",
    "chassis/storage/service_schema/0001_chassis.sql": "813250b2f35ab242",
    "chassis/storage/service_schema/0002_unproven.sql": "fca40ba47415a329",
    "chassis/storage/service_schema/0003_doubtful.sql": "225d8b35f265a2a1",
    "chassis/storage/service_schema/0004_owed.sql": "570bf5720eb7ac24",
    "chassis/storage/service_schema/0005_probe.sql": "b9cea2e264566e8f",
    "chassis/storage/service_schema/0006_callers.sql": "a76dcab0375a1ed7",
    "community/migrations/0001_community.sql": "0b61247ff5cc8f02",
    "community/migrations/0002_keys.sql": "7b689ce408e9a924",
    "community/migrations/0003_checkpoints.sql": "b8c4cbbb87bb5645",
    "community/migrations/0004_agreements.sql": "7593c63c4f81298f",
    "portal/migrations/0001_accounts.sql": "3484ecbcd6465030",
    "portal/migrations/0006_public.sql": "5f9652986baea76d",
    "portal/migrations/0003_members.sql": "0dd8a90fa931a837",
    "portal/migrations/0005_telling.sql": "b96c9dc274872b19",
    "portal/migrations/0007_operators.sql": "07ee2bfe9b06a76f",
    "portal/migrations/0002_drafts.sql": "4ec47937fcb72f75",
    "referral/migrations/0001_referral.sql": "4fde9ec918f19aa2",
    "referral/migrations/0002_personal.sql": "1d0fce1c90358311",
    "referral/migrations/0003_passes.sql": "0c6c85ae676c393b",
    "referral/migrations/0004_crossings.sql": "8f1a1d76f3a04d45",
    "referral/migrations/0005_replacing.sql": "3d2124bcabe2e42d",
    "referral/migrations/0006_keys_gone.sql": "7e6c4b59a233c15c",
    "referral/migrations/0007_acts_as_codes.sql": "0fc80667c66ceed2",
    "referral/migrations/0008_arrival_day.sql": "47a19005e95e4a31",
    "referral/migrations/0011_statements.sql": "ff4ee00c58aa5f37",
    "referral/migrations/0012_contacts.sql": "83186a961f14befb",
    "referral/migrations/0013_agencies.sql": "9935f487fab46ebc",
    "referral/migrations/0009_awaited.sql": "d749a327823b81a5",
    "referral/migrations/0010_accounts.sql": "908ccd921f267a7d",
}


def changed(root: Path) -> Iterator[str]:
    """A migration that is not as it landed, or that has no line yet."""
    services = root / "services"
    folders = [services / "chassis/storage/node_schema", services / "chassis/storage/service_schema"]
    for file in sorted(file for folder in [*folders, *services.glob("*/migrations")] for file in folder.glob("*.sql")):
        name = f"{file.relative_to(services)}"
        if LANDED.get(name) != hashlib.sha256(file.read_bytes()).hexdigest()[:16]:
            yield f"{name}: a node that has applied it would not start any more; write a new one, and its line here"


def test_no_migration_has_changed_since_it_landed() -> None:
    assert not [*changed(ROOT)]
    assert all((ROOT / "services" / name).exists() for name in LANDED)


def test_a_comment_is_a_change_too(tmp_path: Path) -> None:
    name = "chassis/storage/node_schema/0003_audit.sql"
    file = tmp_path / "services" / name
    file.parent.mkdir(parents=True)
    file.write_bytes((ROOT / "services" / name).read_bytes())
    assert not [*changed(tmp_path)]
    file.write_bytes(file.read_bytes().replace(b"-- ", b"--  ", 1))
    assert [line.partition(":")[0] for line in changed(tmp_path)] == [name]
