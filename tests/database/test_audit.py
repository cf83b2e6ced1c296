"""The audit on a real database: written with its commit, read by its community, changed by nobody unseen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import asyncpg
import pytest

from contracts.messages import Call
from contracts.node import v1
from contracts.refusals import No
from services.booking.adapters.unit_of_work import BookingUnitOfWork
from services.chassis.messaging.store import Store
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.process import audit_checkpoints
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.storage.sql import Queries
from services.chassis.trust import signing, vault
from services.chassis.trust.audit_chain import AuditLine, digest_of
from services.chassis.trust.keyring import about_signing_key
from tests.support.database import Databases
from tests.support.principals import OPERATOR, member

COMMUNITY = Path(__file__).parents[2] / "services" / "community" / "migrations"


def scene(url: str, act: Callable[[Store[BookingUnitOfWork]], Awaitable[None]]) -> None:
    """Let booking act on its database."""

    async def play() -> None:
        store = Store(url, BookingUnitOfWork)
        try:
            await act(store)
        finally:
            await store.close()

    asyncio.run(play())


def test_what_was_done_is_in_the_audit_with_its_commit_and_not_without(
    server: Databases, booking_database: str
) -> None:
    async def act(store: Store[BookingUnitOfWork]) -> None:
        async with store.acted_by(member("tha-li", account="noi")).work("tha-li") as work:
            work.audit("tha-li", "key_made", "k1")
            work.audit("bo-taen", "part_read", "r1", result="refused")
        async with store.acted_by(OPERATOR).work("tha-li") as work:
            work.audit("tha-li", "part_read", "r1")
        async with store.work("*") as work:
            work.audit("tha-li", "pass_issued", "r1")
        with suppress(RuntimeError):
            async with store.work("tha-li") as work:
                work.audit("tha-li", "never", "r2")
                raise RuntimeError

    scene(booking_database, act)
    lines = server.execute("SELECT community, n, who, what, result FROM node.audit ORDER BY 1, 2", booking_database)
    assert lines.splitlines() == [
        "bo-taen|1|member:noi|part_read|refused",
        "tha-li|1|member:noi|key_made|done",
        "tha-li|2|operator:test|part_read|done",
        "tha-li|3|node|pass_issued|done",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE node.audit SET who = 'nobody'",
        "DELETE FROM node.audit",
        "TRUNCATE node.audit",
        "INSERT INTO node.audit SELECT community, n + 1, at, who, what, about, result, trace, '', '' FROM node.audit",
        "INSERT INTO node.audit_checkpoints VALUES ('tha-li', 1, '', clock_timestamp(), '', '')",
    ],
)
def test_a_service_can_neither_change_nor_take_away_nor_slip_in_a_line(statement: str, booking_database: str) -> None:
    async def act(store: Store[BookingUnitOfWork]) -> None:
        async with store.work("tha-li") as work:
            work.audit("tha-li", "part_read", "r1")
        async with store.work("*") as work:
            assert await work.connection.fetchval("SELECT count(*) FROM node.audit") == 1
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with work.connection.transaction():
                    await work.connection.execute(statement)
            assert await work.connection.fetchval("SELECT who FROM node.audit") == "node"

    scene(booking_database, act)


@pytest.mark.parametrize("statement", ["UPDATE node.audit SET n = n", "DELETE FROM node.audit", "TRUNCATE node.audit"])
def test_not_even_the_owner_of_the_tables_changes_a_line_by_mistake(statement: str, booking_database: str) -> None:
    async def act(store: Store[BookingUnitOfWork]) -> None:
        async with store.work("tha-li") as work:
            work.audit("tha-li", "part_read", "r1")
        owner = await asyncpg.connect(booking_database)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="stays as it was written"):
            await owner.execute(statement)
        await owner.close()

    scene(booking_database, act)


def test_the_database_and_python_write_the_same_line(booking_database: str) -> None:
    odd = ["", "a|b,3:c", "ສະບາຍດີ ສວັດດີ", "🛶\t\n\\'\"", "x" * 200, "-"]

    async def act(store: Store[BookingUnitOfWork]) -> None:
        async with store.work("tha-li") as work:
            for about in odd:
                work.audit("tha-li", "part_read", about)
        async with store.work("tha-li") as work:
            rows = await work.connection.fetch(
                "SELECT community, n, at, who, what, about, result, trace, previous, digest FROM node.audit ORDER BY n"
            )
            found = [AuditLine(*row) for row in rows]
            for at in (datetime(2027, 1, 4, 2, 0, 0, 7, UTC), datetime(2027, 1, 4, 2, tzinfo=UTC)):
                one = found[0]._replace(at=at, trace="4bf92f3577b34da6")
                text = await work.connection.fetchval(
                    "SELECT encode(sha256(convert_to(node.audit_text($1,$2,$3,$4,$5,$6,$7,$8,$9),'UTF8')),'hex')",
                    one.previous, *one[:8],
                )  # fmt: skip
                assert text == digest_of(one)
        assert [line.about for line in found] == odd
        assert [line.digest for line in found] == [digest_of(line) for line in found]
        assert {line.trace for line in found} == {None}

    scene(booking_database, act)


def test_a_community_reads_its_own_audit_and_an_operator_that_of_any(booking_database: str) -> None:
    async def asked(store: Store[BookingUnitOfWork], acting: str | None, **wanted: str) -> list[str] | No:
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        call = Call(
            id=new_id(),
            type=v1.ListAudit.type,
            caller="local_api",
            principal=member(acting) if acting else OPERATOR,
            acting=acting,
            deadline=deadline,
            data=dict(wanted),
        )
        answer = await store.requests.ask(call, v1.ListAudit, audit_checkpoints.listed)
        return answer.refusal.code if answer.refusal else [line["about"] for line in (answer.result or {})["items"]]

    async def act(store: Store[BookingUnitOfWork]) -> None:
        async with store.work("*") as work:
            for community, about in (("tha-li", "r1"), ("bo-taen", "r1"), ("tha-li", "r2")):
                work.audit(community, "part_read", about)
        assert await asked(store, "tha-li") == ["r1", "r2"]
        assert await asked(store, "tha-li", about="r2") == ["r2"]
        assert await asked(store, "tha-li", community="bo-taen") is No.NOT_ALLOWED
        assert await asked(store, None, community="bo-taen") == ["r1"]
        assert await asked(store, None) is No.INVALID
        async with store.work("tha-li") as work:
            assert await work.connection.fetchval("SELECT count(*) FROM node.audit") == 2

    scene(booking_database, act)


def test_writers_at_the_same_time_leave_one_chain_without_a_gap(server: Databases, booking_database: str) -> None:
    async def act(store: Store[BookingUnitOfWork]) -> None:
        async def write(n: int) -> None:
            names = ("tha-li", "bo-taen") if n % 2 else ("bo-taen", "tha-li")
            async with store.work("*") as work:
                for name in names:
                    work.audit(name, "part_read", f"r{n}")

        await asyncio.gather(*(write(n) for n in range(60)))

    scene(booking_database, act)
    sound = (
        "SELECT community, count(*), max(n), count(*) FILTER (WHERE previous = before) FROM ("
        " SELECT *, lag(digest, 1, repeat('0', 64)) OVER (PARTITION BY community ORDER BY n) AS before FROM node.audit"
        ") chained GROUP BY community ORDER BY community"
    )
    assert server.execute(sound, booking_database).splitlines() == ["bo-taen|60|60|60", "tha-li|60|60|60"]


class NodeWork(UnitOfWork):
    """What the community service has of the audit."""

    service: ClassVar[str] = "community"
    queries: ClassVar[Queries] = Queries({})


@dataclass
class Node:
    """A node whose communities have keys; played by hand."""

    server: Databases
    url: str
    settings: Settings

    def run(self, act: Callable[[Store[NodeWork]], Awaitable[None]]) -> None:
        """Do something with its store."""

        async def play() -> None:
            store = Store(self.url, NodeWork, vault=vault.Vault(self.settings.node_keys or Path()))
            try:
                await act(store)
            finally:
                await store.close()

        asyncio.run(play())

    def write(self, *communities: str, lines: int = 5) -> None:
        """Do what is audited, then put the chains under signatures."""

        async def act(store: Store[NodeWork]) -> None:
            async with store.work("*") as work:
                for n in range(lines):
                    for community in communities:
                        work.audit(community, "part_read", f"r{n}")
            await audit_checkpoints.checkpoint(store, self.settings)

        self.run(act)

    def give_key(self, community: str) -> None:
        """As the community service does when an offering is published; any key before it is retired."""
        private, public = signing.new_signing_key()
        keyid = signing.keyid_of(public)
        assert self.settings.node_keys
        wrapped = vault.Vault(self.settings.node_keys).wrap(private, about=about_signing_key(community, keyid))
        self.server.execute(
            f"UPDATE node.signing_keys SET used_until = clock_timestamp() WHERE community = '{community}';"
            "INSERT INTO node.signing_keys (community, keyid, public_key, wrapped, used_from)"
            f" VALUES ('{community}', '{keyid}', '{public}', '{wrapped}', clock_timestamp())",
            self.url,
        )

    def kept(self) -> tuple[v1.AuditCheckpoint, ...]:
        """The copies outside of the database."""
        assert self.settings.folder
        lines = (self.settings.folder / audit_checkpoints.KEPT).read_text().splitlines()
        return tuple(v1.AuditCheckpoint.model_validate_json(line) for line in lines)

    def tamper(self, statement: str) -> None:
        """What only the database's superuser can do."""
        off = "".join(f"ALTER TABLE node.{name} DISABLE TRIGGER final;" for name in ("audit", "audit_checkpoints"))
        self.server.execute(off + statement, self.url)

    def verdict(self, kept: tuple[v1.AuditCheckpoint, ...] = (), *, chains: bool = True) -> v1.AuditVerdict:
        """What verifying says."""
        said: list[v1.AuditVerdict] = []

        async def act(store: Store[NodeWork]) -> None:
            wanted = v1.VerifyAudit(kept=kept, chains=chains)
            answer = await audit_checkpoints.verify(store, wanted, self.settings)
            assert isinstance(answer, v1.AuditVerdict)
            said.append(answer)

        self.run(act)
        return said[0]

    def faults(self, kept: tuple[v1.AuditCheckpoint, ...] = ()) -> set[str]:
        """The kinds of faults that are found."""
        return {found.fault for found in self.verdict(kept).faults}


@pytest.fixture
def node(server: Databases, community_database: str, tmp_path: Path) -> Node:
    url, keys = community_database, tmp_path / "node.keys"
    keys.write_text(vault.new_line() + "\n")
    keys.chmod(0o600)
    node = Node(server, url, Settings(database_url=url, folder=tmp_path, node_keys=keys))
    for community in ("bo-taen", "tha-li"):
        node.give_key(community)
    node.write("bo-taen", "tha-li")
    return node


#: Rewrites a whole chain in SQL, every digest as it ought to be, as whoever owns the database can.
REWRITE = """
DO $$ DECLARE line record; before text := repeat('0', 64); BEGIN
FOR line IN SELECT * FROM node.audit WHERE community = 'tha-li' ORDER BY n LOOP
    UPDATE node.audit SET who = 'nobody', previous = before, digest = encode(sha256(convert_to(node.audit_text(
        before, community, n, at, 'nobody', what, about, result, trace), 'UTF8')), 'hex')
    WHERE community = 'tha-li' AND n = line.n RETURNING digest INTO before;
END LOOP; END $$;
"""
SWAP = """
UPDATE node.audit SET n = n + 1000 WHERE n IN (2, 3);
UPDATE node.audit SET n = 1005 - n WHERE n > 1000;
"""
TWICE = """
ALTER TABLE node.audit DROP CONSTRAINT audit_pkey;
INSERT INTO node.audit SELECT * FROM node.audit WHERE community = 'tha-li' AND n = 3;
"""
UNSIGNED = "DELETE FROM node.audit_checkpoints WHERE community = 'tha-li';"


def test_chains_that_nobody_touched_hold_also_against_their_copies(node: Node) -> None:
    node.write("tha-li")
    verdict = node.verdict(node.kept())
    assert verdict.faults == ()
    assert (verdict.communities, verdict.entries, verdict.checkpoints) == (2, 15, 6)
    assert node.verdict(node.kept(), chains=False).entries == 0


def test_a_chain_is_signed_only_when_it_has_grown(node: Node) -> None:
    assert [(one.community, one.n) for one in node.kept()] == [("bo-taen", 5), ("tha-li", 5)]
    node.write()
    assert len(node.kept()) == 2
    node.write("tha-li", lines=1)
    assert [(one.community, one.n) for one in node.kept()[2:]] == [("tha-li", 6)]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE node.audit SET who = 'nobody' WHERE community = 'tha-li' AND n = 3", "changed"),
        ("UPDATE node.audit SET at = at + interval '1 us' WHERE n = 2", "changed"),
        ("DELETE FROM node.audit WHERE community = 'tha-li' AND n = 3", "missing"),
        ("DELETE FROM node.audit WHERE community = 'tha-li' AND n > 3", "cut"),
        ("DELETE FROM node.audit WHERE community = 'tha-li'", "cut"),
        (SWAP, "changed"),
        (TWICE, "out_of_order"),
        (REWRITE, "rewritten"),
        ("UPDATE node.audit_checkpoints SET digest = repeat('f', 64)", "checkpoint_forged"),
        ("UPDATE node.signing_keys SET wrapped = 'nokey.AAAA'", "no_key"),
    ],
)
def test_changes_made_by_the_superuser_are_found(node: Node, statement: str, fault: str) -> None:
    node.tamper(statement)
    assert fault in node.faults()


def test_a_rewritten_chain_without_its_checkpoints_is_told_by_the_copies_alone(node: Node) -> None:
    node.tamper(REWRITE + UNSIGNED)
    assert node.faults() == set()
    assert node.faults(node.kept()) == {"rewritten", "checkpoint_missing"}


def test_a_rewritten_chain_that_the_node_has_signed_again_is_still_told_by_the_copies(node: Node) -> None:
    kept = node.kept()
    node.tamper(REWRITE + UNSIGNED)
    node.write("tha-li", lines=1)
    assert node.faults() == set()
    assert "rewritten" in node.faults(kept)


def test_a_chain_whose_signed_part_was_touched_is_not_signed_on(node: Node) -> None:
    node.tamper(REWRITE)
    node.write("tha-li", lines=1)
    assert [one.n for one in node.kept() if one.community == "tha-li"] == [5]
    assert node.faults() == {"rewritten"}


def test_keys_that_were_made_by_whoever_rewrote_the_database_prove_nothing(node: Node, tmp_path: Path) -> None:
    own = node.settings
    foreign = tmp_path / "foreign.keys"
    foreign.write_text(vault.new_line() + "\n")
    foreign.chmod(0o600)
    node.tamper("DELETE FROM node.signing_keys;" + REWRITE + UNSIGNED)
    node.settings = Settings(database_url=node.url, node_keys=foreign)
    node.give_key("tha-li")
    node.write("tha-li", lines=1)
    assert {found.fault for found in node.verdict().faults if found.community == "tha-li"} == set()
    node.settings = own
    assert "no_key" in node.faults()


def test_a_retired_key_still_proves_what_it_has_signed(node: Node) -> None:
    node.give_key("tha-li")
    node.write("tha-li", lines=1)
    signed_by = {one.keyid for one in node.kept() if one.community == "tha-li"}
    assert len(signed_by) == 2
    assert node.faults(node.kept()) == set()


def test_the_copies_are_for_their_owner_only_and_are_added_to(node: Node) -> None:
    assert node.settings.folder
    path = node.settings.folder / audit_checkpoints.KEPT
    before = path.read_text()
    node.write("tha-li", lines=1)
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_text().startswith(before)
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_half_written_line_of_the_copies_does_not_spoil_the_others(node: Node) -> None:
    assert node.settings.folder
    path = node.settings.folder / audit_checkpoints.KEPT
    path.write_text(path.read_text() + '{"community": "tha')
    node.write("tha-li", lines=1)
    assert v1.AuditCheckpoint.model_validate_json(path.read_text().splitlines()[-1]).n == 6
