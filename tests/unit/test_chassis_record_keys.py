"""The folder of the record keys: the next one wraps, older ones are destroyed, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chassis.trust.record_keys import RecordKeys, lineage_of, number_of


@pytest.fixture
def keys(tmp_path: Path) -> RecordKeys:
    made = RecordKeys(tmp_path / "record-keys")
    made.renew()
    return made


def files(keys: RecordKeys) -> set[str]:
    return {path.name for path in keys.folder.iterdir()}


def test_the_next_key_wraps_and_goes_on_with_its_lineage(keys: RecordKeys) -> None:
    first, other = keys.newest, RecordKeys(keys.folder)
    assert [*other.held()] == [first]
    second = keys.renew()
    assert [*other.held()] == [second, first], "whoever has the folder sees it at once"
    assert (lineage_of(second), number_of(second)) == (lineage_of(first), number_of(first) + 1)
    assert len({*other.held().values()}) == 2
    assert keys.folder.stat().st_mode & 0o077 == 0
    assert (keys.folder / second).stat().st_mode & 0o077 == 0


def test_a_destroyed_key_is_overwritten_where_it_lay(keys: RecordKeys) -> None:
    with (keys.folder / keys.newest).open("rb") as lay:
        assert keys.destroy_before(newest := keys.renew()) == 1
        assert lay.read() == bytes(32)
    assert (files(keys), [*keys.held()]) == ({newest}, [newest])


def test_a_delayed_process_does_not_destroy_a_newer_key(keys: RecordKeys) -> None:
    first, second, third = keys.newest, keys.renew(), keys.renew()
    keys.destroy_before(second)
    assert files(keys) == {second, third}
    assert first not in keys.held()


def test_an_incomplete_key_file_is_ignored_and_removed_at_the_next_renewal(keys: RecordKeys) -> None:
    first = keys.newest
    (keys.folder / f"{lineage_of(first)}-00000002.new").write_bytes(b"half")  # cut before it was one
    (keys.folder / f"{lineage_of(first)}-00000000").write_bytes(bytes(32))  # cut before it was removed
    assert [*keys.held()] == [first]
    newest = keys.renew()
    keys.destroy_before(newest)
    assert files(keys) == {newest}


def test_a_folder_that_others_may_read_is_refused(keys: RecordKeys) -> None:
    keys.folder.chmod(0o755)
    with pytest.raises(ValueError, match="chmod 700"):
        RecordKeys(keys.folder).held()


def test_a_key_that_another_process_destroys_just_now_hides_none_of_the_others(
    keys: RecordKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = keys.newest, keys.renew()
    other, read = RecordKeys(keys.folder), Path.read_bytes

    def late(path: Path) -> bytes:
        if path.name == first:
            path.unlink()
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", late)
    assert [*other.held()] == [second]
