/* The portal where the network is bad. README.md beside this says what the node has to send for it. */
'use strict';
importScripts('/static/vault.js', '/static/later.js');

const SLOW = 3000, POSTED = 8000, OLD = 600000;
const AWAY = [502, 503, 504];
const pause = (ms) => new Promise((done) => setTimeout(() => done(null), ms));
const place = (url) => { const at = new URL(url, location); return at.pathname + at.search; };
const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => '&#' + sign.charCodeAt(0) + ';');

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()));

/* Assets: their address holds their digest, so a copy is as good as the node's. */
async function asset(url) {
  const cache = await caches.open('assets');
  const held = await cache.match(url);
  if (held) return held;
  const res = await fetch(url);
  if (res.ok) {
    await cache.delete(url, { ignoreSearch: true });
    await cache.put(url, res.clone());
  }
  return res;
}

/* Pages of words without anything of a person, in the language and of the version that the person sees. */
async function words(lang, version) {
  const name = 'words ' + lang + ' ' + version;
  if (await caches.has(name)) return;
  const pages = await Promise.all(['/offline', '/offline/saved'].map((url) => fetch(url)));
  if (!pages.every((page) => page.ok)) return;
  const old = (await caches.keys()).filter((other) => other.startsWith('words '));
  const cache = await caches.open(name);
  await Promise.all(pages.map((page) => cache.put(new URL(page.url).pathname, page)));
  await Promise.all(old.map((other) => caches.delete(other)));
}

const offline = async () => await caches.match('/offline') || Response.error();

/* A session that is over, or another one, takes with it what was kept for the one before. */
async function met(res) {
  const id = res.headers.get('Handoff-Session');
  if (!id) return;
  const held = await vault.session();
  if (held && held.id !== id) await vault.wipe();
}

/* Keeps a page that says so, forgets one that no longer does, and notes that one is still true. */
async function keep(name, res) {
  if (!res.headers.get('Handoff-Session')) return;
  await met(res);
  const until = Date.parse((/until=([^\s;]+)/.exec(res.headers.get('Handoff-Keep') || '') || [])[1]);
  const at = Date.parse(res.headers.get('Date')) || Date.now();
  if (res.status === 304) {
    const held = await vault.get(name);
    if (held) await vault.put(name, Object.assign(held, { at }), until || held.until);
  } else if (res.ok && until > Date.now() && !res.redirected) {
    const headers = [...res.headers].filter(([key]) => !/^(content-(encoding|length)|etag|handoff-.*)$/.test(key));
    const body = await res.text();
    const assets = body.match(/\/static\/[^"'\s<>?]+\?v=[\w-]+/g) || [];
    await Promise.all(assets.map((url) => asset(new URL(url, location).href).catch(() => {})));
    await vault.put(name, { at, until, headers, body }, until);
  } else if (res.status < 500 && await vault.get(name)) {
    await vault.remove(name);
  }
}

async function copy(name) {
  const held = await vault.get(name);
  if (!held) return null;
  const from = new Date(held.at).toISOString();
  const headers = new Headers(held.headers);
  headers.set('Handoff-From', from);
  return new Response(held.body.replace('<html', '<html data-from="' + from + '"'), { headers });
}

/* Network first, for as long as people wait; then the copy. What comes after that is kept all the same. */
async function read(e, name) {
  const net = fetch(e.request);
  e.waitUntil(net.then((res) => res.type === 'opaqueredirect' || keep(name, res.clone())).catch(() => {}));
  if (e.request.headers.get('Handoff-Phone') === 'fresh') return net;
  try {
    const first = await Promise.race([net, pause(SLOW)]);
    if (first && !AWAY.includes(first.status)) return first;
    return await copy(name) || await net;
  } catch (away) {
    return await copy(name) || (e.request.mode === 'navigate' ? offline() : Response.error());
  }
}

/* "Saved on this phone, not yet sent", or where it has gone since. */
async function saved(id) {
  const name = await later.waits(id), came = await vault.get('came|' + id);
  if (!name) return Response.redirect(came ? came.href : '/today', 303);
  const page = await caches.match('/offline/saved');
  if (!page) return offline();
  const item = await vault.get(name);
  const html = (await page.text()).split('{label}').join(escaped(item.label));
  return new Response(html, { headers: page.headers });
}

/* The page by which the node answered something that was sent later. */
async function answered(id) {
  const came = await vault.get('came|' + id);
  if (!came || !came.html) return Response.redirect('/today', 303);
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' };
  if (came.csp) headers['Content-Security-Policy'] = came.csp;
  return new Response(came.html, { headers });
}

async function told() {
  const state = await later.state();
  (await self.clients.matchAll()).forEach((page) => page.postMessage(state));
  return state;
}

async function leave(request) {
  await Promise.race([later.send().catch(() => {}), pause(5000)]);
  await vault.wipe();
  return fetch(request).catch(offline);
}

/* What is to be sent later when it cannot be sent now: {id, label} of it, or null. */
async function deferrable(request) {
  const type = request.headers.get('Content-Type') || '', label = request.headers.get('Handoff-Later');
  if (label === null && !type.startsWith('application/x-www-form-urlencoded')) return null;
  const body = await request.text();
  const csrf = request.headers.get('X-CSRF-Token'), item = { url: request.url, type, body, headers: {} };
  if (csrf) item.headers['X-CSRF-Token'] = csrf;
  if (label !== null) return Object.assign(item, { id: request.headers.get('Handoff-Id'), label: decodeURIComponent(label) });
  const fields = new URLSearchParams(body);
  return fields.get('id') && fields.has('later') ? Object.assign(item, { id: fields.get('id'), label: fields.get('later') }) : null;
}

async function post(request) {
  if (place(request.url) === '/signout') return leave(request);
  const item = await deferrable(request.clone());
  const calm = request.mode === 'navigate' ? offline : () => Response.error();
  if (!item || !await vault.session()) return fetch(request).catch(calm);
  const first = (await later.state()).waiting === 0 || await Promise.race([later.send(), pause(POSTED)]);
  const res = first && await Promise.race([fetch(request).catch(() => null), pause(POSTED)]);
  if (res && !AWAY.includes(res.status)) return res;
  await later.save(item);
  if (self.registration.sync) self.registration.sync.register('later').catch(() => {});
  told();
  if (request.mode === 'navigate') return Response.redirect('/offline/saved?id=' + encodeURIComponent(item.id), 303);
  return new Response('{"saved":true}', { status: 202, headers: { 'Content-Type': 'application/json' } });
}

self.addEventListener('fetch', (e) => {
  const request = e.request, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST') return void e.respondWith(post(request));
  if (request.method !== 'GET') return;
  if (url.pathname.startsWith('/static/')) return void (url.searchParams.has('v') && e.respondWith(asset(request.url)));
  if (request.mode !== 'navigate' && !request.headers.has('Handoff-Phone')) return;
  if (url.pathname === '/offline/saved') return void e.respondWith(saved(url.searchParams.get('id')));
  if (url.pathname.startsWith('/later/')) return void e.respondWith(answered(url.pathname.slice(7)));
  e.respondWith(read(e, 'page|' + place(request.url)));
});

const hear = {
  async session({ id, ends, lang, version }) {
    await vault.begin(id, Date.parse(ends));
    await vault.purge();
    await words(lang, version).catch(() => {});
    return later.state();
  },
  keep: ({ urls }) => Promise.all(urls.map(async (url) => {
    const held = await vault.get('page|' + url);
    if (!held || held.at < Date.now() - OLD) await fetch(url).then((res) => keep('page|' + url, res)).catch(() => {});
  })).then(() => true),
  async send() { await later.send(); return told(); },
  async state() { await vault.purge(); return later.state(); },
  async seen({ id }) { await later.seen(id); return told(); },
  get: ({ name }) => vault.get('own|' + name),
  put: ({ name, value, until }) => vault.put('own|' + name, value, until),
};

self.addEventListener('message', (e) => {
  const answer = hear[e.data.say](e.data);
  e.waitUntil(answer.then((said) => e.ports[0] && e.ports[0].postMessage(said), () => e.ports[0] && e.ports[0].postMessage(null)));
});

self.addEventListener('sync', (e) => {
  if (e.tag === 'later') e.waitUntil(later.send().then(async (all) => { await told(); if (!all) throw new Error('not yet'); }));
});

/* A request waits. What is shown has nothing of a person; the same tag replaces what was shown before. */
self.addEventListener('push', (e) => {
  const { title = 'Handoff', body = '', tag, lang, path = '/today' } = e.data ? e.data.json() : {};
  e.waitUntil(self.registration.showNotification(title, { body, tag, lang, renotify: !!tag, data: place(path) }));
});

self.addEventListener('notificationclick', (e) => {
  e.notification.close();
  e.waitUntil(self.clients.matchAll({ type: 'window' }).then(([page]) => (
    page ? page.focus().then((shown) => shown.navigate(e.notification.data)) : self.clients.openWindow(e.notification.data))));
});
