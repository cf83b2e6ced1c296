/* What the phone keeps for a session: names in the clear, values sealed by a key that lives and dies with the session.

   self.vault, in the service worker alone:
     begin(id, ends)      a session is here; another one than before finds nothing
     session()            {id, ends, key}, or null: none, or it has ended, and then all is gone
     put(name, value, until, instead)   `until` in ms, 0 for the session; `instead` is removed in the same step
     get(name)  names(prefix)  remove(name)  purge()  wipe()
   A name is "kind|rest" and says nothing of a person. */
(() => {
  'use strict';
  let opened = null;
  const settled = (ask) => new Promise((done, fail) => {
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => fail(ask.error);
  });

  const base = () => {
    if (!opened) {
      const ask = indexedDB.open('handoff', 1);
      ask.onupgradeneeded = () => ['kept', 'session'].forEach((table) => ask.result.createObjectStore(table));
      opened = settled(ask).then((db) => {
        db.onclose = db.onversionchange = () => { db.close(); opened = null; };
        return db;
      });
      opened.catch(() => { opened = null; });
    }
    return opened;
  };

  /* One transaction; what is written is on the disk before this is done. */
  const within = async (tables, mode, act) => {
    const deal = (await base()).transaction(tables, mode, { durability: 'strict' });
    const over = new Promise((done, fail) => {
      deal.oncomplete = done;
      deal.onabort = () => fail(deal.error);
    });
    const ask = act(...tables.map((table) => deal.objectStore(table)));
    await over;
    return ask && ask.result;
  };

  const wipe = () => within(['kept', 'session'], 'readwrite', (kept, session) => { kept.clear(); session.clear(); });

  const session = async () => {
    const held = await within(['session'], 'readonly', (table) => table.get('now'));
    if (!held) return null;
    if (held.ends > Date.now()) return held;
    await wipe();
    return null;
  };

  let last = Promise.resolve();
  const begin = (id, ends) => {
    last = last.catch(() => {}).then(async () => {
      const held = await session();
      let key = held && held.id === id ? held.key : null;
      if (!key) {
        await wipe();
        key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      }
      await within(['session'], 'readwrite', (table) => table.put({ id, ends, key }, 'now'));
    });
    return last;
  };

  const sealing = (name, iv) => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) });

  const put = async (name, value, until, instead) => {
    const held = await session();
    if (!held) throw new Error('locked');
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = new TextEncoder().encode(JSON.stringify(value));
    const sealed = await crypto.subtle.encrypt(sealing(name, iv), held.key, data);
    let done = false;
    await within(['kept', 'session'], 'readwrite', (kept, sessions) => {
      const now = sessions.get('now');
      now.onsuccess = () => {
        if (!now.result || now.result.id !== held.id) return;
        kept.put({ until: until || 0, iv, sealed }, name);
        if (instead) kept.delete(instead);
        done = true;
      };
    });
    if (!done) throw new Error('locked');
  };

  const get = async (name) => {
    const [held, found] = [await session(), await within(['kept'], 'readonly', (table) => table.get(name))];
    if (!held || !found || (found.until && found.until <= Date.now())) return null;
    try {
      const data = await crypto.subtle.decrypt(sealing(name, found.iv), held.key, found.sealed);
      return JSON.parse(new TextDecoder().decode(data));
    } catch (unreadable) {
      return null;
    }
  };

  const names = async (prefix) => (await session())
    ? within(['kept'], 'readonly', (table) => table.getAllKeys(IDBKeyRange.bound(prefix, prefix + '\uffff')))
    : [];

  const remove = (name) => within(['kept'], 'readwrite', (table) => table.delete(name));

  /* Removes what is past its time, also where nobody asks for it any more. */
  const purge = async () => {
    if (!await session()) return;
    await within(['kept'], 'readwrite', (table) => {
      const walk = table.openCursor();
      walk.onsuccess = () => {
        const at = walk.result;
        if (!at) return;
        if (at.value.until && at.value.until <= Date.now()) at.delete();
        at.continue();
      };
    });
  };

  self.vault = { begin, session, put, get, names, remove, purge, wipe };
})();
