/* Keeps a page fresh while somebody looks at it: <main data-fresh>, asked for anew every 20 s (data-fresh="seconds").

   The node answers 304 by the ETag while the page says the same. Nothing is replaced under the hands of somebody who
   types or has something open. Without an answer the page says how old it is, as a copy does. */
(() => {
  'use strict';
  const d = document, main = d.querySelector('main[data-fresh]');
  if (!main || !self.phone || !self.fetch) return;
  let tag = '', at = d.documentElement.dataset.from || new Date().toISOString(), busy = false;
  let html = main.outerHTML;

  const inUse = () => {
    const now = d.querySelector('main'), on = d.activeElement;
    return now.contains(on) && on.matches('input:not([type=hidden]), textarea, select') || !!now.querySelector('details[open], dialog[open]');
  };

  const read = async (res) => {
    if (res.redirected) location.reload();
    const text = await res.text();
    const next = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
    if (!next || res.redirected || next.outerHTML !== html && inUse()) return false;
    tag = res.headers.get('ETag') || '';
    if (next.outerHTML !== html) self.phone.swap(text);
    html = next.outerHTML;
    return true;
  };

  const ask = async () => {
    if (busy || d.hidden) return;
    busy = true;
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), 15000);
    const headers = Object.assign({ 'Handoff-Phone': 'fresh' }, tag && { 'If-None-Match': tag });
    try {
      const res = await fetch(location.href, { headers, cache: 'no-store', credentials: 'same-origin', signal: stop.signal });
      if (res.status !== 304 && !res.ok) throw new Error('no answer');
      if (res.ok && !await read(res)) return;
      at = new Date().toISOString();
      delete d.documentElement.dataset.from;
      self.phone.stale(null);
      d.querySelectorAll('[data-sync] [data-as-of]').forEach((time) => { time.textContent = self.phone.said(at); });
    } catch (away) {
      d.documentElement.dataset.from = at;
      self.phone.stale(at);
    } finally {
      clearTimeout(limit);
      busy = false;
    }
  };

  const again = () => {
    const now = d.querySelector('main[data-fresh]');
    setTimeout(() => ask().finally(again), (Number(now && now.dataset.fresh) || 20) * 1000);
  };
  again();
  d.addEventListener('visibilitychange', ask);
  addEventListener('online', ask);
})();
