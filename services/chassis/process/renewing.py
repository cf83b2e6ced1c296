"""Renews the record keys, daily and soon after an erasure, so that leftovers of erased data cannot be decrypted.

A new key is made, everything under an older one is wrapped anew in pages, and the older ones are destroyed. It may be
interrupted anywhere: as long as older keys exist, the next run continues.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from services.chassis.messaging.store import Store
from services.chassis.messaging.transactions import retry
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults
from services.chassis.runtime.settings import Settings
from services.chassis.storage.failures import DatabaseUnavailable, Failure, judge
from services.chassis.trust.record_keys import RecordKeys

log = logging.getLogger(__name__)
#: Keys in one transaction.
PAGE = 200
#: How often it tries to find a moment in which no key is being stored, and how long between, in seconds.
TRIES, BETWEEN_SECONDS = 20, 0.1


async def renew(store: Store[Any], settings: Settings) -> int:
    """Renew when due, in one process at a time; returns how many keys were wrapped anew. Raises DatabaseUnavailable."""
    if store.vault is None or (keys := store.vault.record_keys) is None:
        return 0
    elected = await store.database.connect()
    try:
        if not await elected.fetchval(CHASSIS["renews_record_keys"]):
            return 0
        went = await _begun(elected, keys, settings.renew_seconds)
        return 0 if went is None else await _finished(store, elected, keys, went)
    except ValueError as problem:  # says what is missing, and holds no value
        log.error("record keys were not renewed", extra={"service": store.database.service, "error": str(problem)})
        return 0
    except OSError as problem:  # of the folder: one of the database is DatabaseUnavailable
        about = {"service": store.database.service, "error": type(problem).__name__}
        log.error("record-keys: give the node's user its folder to read and write, or space", extra=about)
        return 0
    except Exception as problem:
        if judge(problem, closed=elected.is_closed()) is Failure.AWAY:
            raise DatabaseUnavailable(type(problem).__name__) from problem
        raise
    finally:
        await elected.close(timeout=2)


async def _begun(elected: Any, keys: RecordKeys, after: float) -> Sequence[int] | None:
    """How many keys were gone before the newest key was made; None when there is nothing to do."""
    row = await elected.fetchrow(CHASSIS["keys_gone"], after)
    if len(keys.held()) > 1:  # cut before: who knows what has gone since
        return ()
    if not row["due"]:
        return None
    keys.renew()
    faults.point("after_record_key_made")
    return list(row["gone"])


async def _finished(store: Store[Any], elected: Any, keys: RecordKeys, went: Sequence[int]) -> int:
    newest, done, left, alone = keys.newest, 0, TRIES, False
    while left:
        page = await retry(lambda: _page(store))
        done += page
        if page:
            continue
        if alone:
            await _destroy(store, keys, newest, went)
            return done
        alone = bool(await elected.fetchval(CHASSIS["record_keys_alone"]))
        if not alone:
            left -= 1
            await asyncio.sleep(BETWEEN_SECONDS)
    return done


async def _page(store: Store[Any]) -> int:
    async with store.work(EVERYONE) as work:
        done = int(await work.rewrap(PAGE))
    if done:
        faults.point("after_keys_wrapped_anew")
    return done


async def _destroy(store: Store[Any], keys: RecordKeys, newest: str, went: Sequence[int]) -> None:
    """Nothing is wrapped by a key older than this, nor will be: destroy those, once all of that is on the disk.

    No other key is destroyed, however long this process was delayed meanwhile.
    """
    async with store.work(EVERYONE) as work:
        await work.connection.execute(CHASSIS["durably"])
        await work.connection.execute(CHASSIS["record_keys_renewed"], newest, went)
    faults.point("before_record_keys_destroyed")
    log.info("the record keys were renewed", extra={"count": keys.destroy_before(newest)})
