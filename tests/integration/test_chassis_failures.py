"""A database that is cut or has no room: nothing is parked, and whoever asks hears what is true."""

import pytest

from contracts.refusals import No
from services.chassis.runtime.ids import new_id
from services.chassis.storage import failures
from services.chassis.storage.failures import Failure
from tests.support.database import Databases
from tests.support.engine import Engine, Tell, holds_for, running, until

#: Ends its own connection while it commits, the first time.
CUT_AT_COMMIT = """
    CREATE SEQUENCE tally.tries;
    CREATE FUNCTION tally.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF nextval('tally.tries') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON tally.answers DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION tally.cut();
"""
#: Fails three times as a server in trouble does.
IN_TROUBLE = """
    CREATE SEQUENCE tally.tries;
    CREATE FUNCTION tally.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF nextval('tally.tries') <= 3 THEN RAISE EXCEPTION 'in trouble' USING ERRCODE = '{state}'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail BEFORE INSERT ON tally.counted FOR EACH ROW EXECUTE FUNCTION tally.fail();
"""
TROUBLES = {"a full disk": "53100", "no memory": "53200", "a failing disk": "58030", "a damaged table": "XX001"}


def test_a_command_cut_in_its_commit_is_not_known_yet_and_asked_again_it_is_done_once(
    server: Databases, database: str, inproc_bus: str
) -> None:
    server.execute(CUT_AT_COMMIT, database)
    with running(database, inproc_bus) as engine:
        command = new_id()
        first = engine.call(Tell, {"keys": ["once"]}, command_id=command)
        assert first.refusal is not None
        assert first.refusal.code is No.NOT_KNOWN_YET
        assert engine.call(Tell, {"keys": ["once"]}, command_id=command).refusal is None
        until(lambda: engine.counted() == ["once"])


@pytest.mark.parametrize("state", TROUBLES.values(), ids=TROUBLES)
def test_a_message_that_meets_a_server_in_trouble_is_applied_once_it_is_over(
    server: Databases, database: str, bus: str, state: str
) -> None:
    server.execute(IN_TROUBLE.format(state=state), database)
    with running(database, bus) as engine:
        engine.tell("good", "next")
        until(lambda: engine.counted() == ["good", "next"])
        assert engine.parked() == []


def test_control_judged_as_the_messages_fault_it_is_parked(
    server: Databases, database: str, inproc_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "CLASSES", {**failures.CLASSES, "53": Failure.FAULT})
    server.execute(IN_TROUBLE.format(state="53100"), database)
    with running(database, inproc_bus) as engine:
        engine.tell("good")
        until(engine.parked)
        assert engine.counted() == []


def test_while_a_disk_is_full_messages_are_not_asked_for(server: Databases, database: str, inproc_bus: str) -> None:
    """The database answers questions meanwhile, so it is asked to write; a broker counts what comes in vain."""
    with running(database, inproc_bus) as engine:
        server.execute(IN_TROUBLE.format(state="53100").replace("<= 3", "<= 1000000"), database)
        server.execute("REVOKE INSERT, UPDATE ON tally.probe FROM handoff_tally", database)
        engine.tell("good")
        until(lambda: _tries(engine) > 0)
        before = _tries(engine)
        assert holds_for(2, lambda: _tries(engine) == before)
        server.execute("DROP TRIGGER fail ON tally.counted", database)
        server.execute("GRANT INSERT, UPDATE ON tally.probe TO handoff_tally", database)
        until(lambda: engine.counted() == ["good"])


def _tries(engine: Engine) -> int:
    return int(engine.sql("SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM tally.tries")[0]["n"])
