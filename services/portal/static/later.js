/* What was asked of the node and could not be sent: kept in the order of the taps, sent once each, and what came of it.

   self.later, in the service worker alone:
     save({id, url, type, headers, body, label})   the same id is kept once
     send()      true when nothing waits any more
     waits(id)   state()   seen(id)
   An answer counts only if it is the node's own (header Handoff-Session) and not "later, please"; until then the same
   request goes again with the same id, which the node does once. */
(() => {
  'use strict';
  const LIMIT = 20000, DAY = 86400000;

  const path = (url) => { const at = new URL(url); return at.pathname + at.search; };

  /* Whether the node has judged it. */
  const judged = (res) => res.headers.get('Handoff-Session') && res.status < 500 && res.status !== 429 && res.status !== 408;

  const outcome = async (item, res) => {
    const came = { id: item.id, label: item.label };
    if ((res.headers.get('Content-Type') || '').includes('json')) {
      const said = (await res.json()).results[0];
      return Object.assign(came, { ok: said.outcome === 'arrived', said: said.said, href: said.href });
    }
    const html = await res.text();
    const title = /<title>([^<]*)/.exec(html);
    came.ok = res.ok && res.redirected;
    came.said = title ? title[1] : '';
    came.href = came.ok ? path(res.url) : '/later/' + item.id;
    if (!came.ok) Object.assign(came, { html, csp: res.headers.get('Content-Security-Policy') });
    return came;
  };

  const sent = async (item) => {
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), LIMIT);
    try {
      const headers = Object.assign({ 'Content-Type': item.type, 'Handoff-Made-At': item.at }, item.headers);
      const res = await fetch(item.url, { method: 'POST', body: item.body, headers, signal: stop.signal });
      const over = res.headers.get('Handoff-Session');
      if (over === 'none') await vault.wipe();
      return over !== 'none' && judged(res) ? await outcome(item, res) : null;
    } catch (away) {
      return null;
    } finally {
      clearTimeout(limit);
    }
  };

  const all = async () => {
    for (const name of await vault.names('later|')) {
      const item = await vault.get(name);
      const came = item && await sent(item);
      if (!came) return false;
      await vault.put('came|' + item.id, came, Date.now() + DAY, name);
    }
    return true;
  };

  /* One at a time, whoever asks. */
  const send = () => navigator.locks.request('later', all);

  const waits = async (id) => (await vault.names('later|')).find((name) => name.endsWith('|' + id));

  const save = async (item) => {
    if (await waits(item.id)) return;
    const at = new Date();
    const name = 'later|' + String(at.getTime()).padStart(15, '0') + '|' + item.id;
    await vault.put(name, Object.assign({ at: at.toISOString() }, item), 0, 'came|' + item.id);
  };

  const state = async () => {
    const held = async (kind) => Promise.all((await vault.names(kind)).map((name) => vault.get(name)));
    const came = await held('came|'), waiting = await held('later|');
    const told = came.filter(Boolean).map(({ id, label, ok, said, href }) => ({ id, label, ok, said, href }));
    return { waiting: waiting.length, labels: waiting.map((item) => item ? item.label : '?'), came: told };
  };

  const seen = (id) => vault.remove('came|' + id);

  self.later = { save, send, waits, state, seen };
})();
