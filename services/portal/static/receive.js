/* Receiving a party: by camera, code or from the list; asked of the node, and judged on the phone where it does not answer.

   <main data-receive data-pocket="/receive/pocket.json" data-scans="/receive/scans" data-ed25519="/static/ed25519.js?v=…">
     data-camera hidden        shown where the phone can read a pass; a <video> and button data-open in it
     data-blind="http" hidden  shown in its place without https, where no page may use a camera; "phone" where it cannot
     <form data-look>          fields code and pass_token (hidden), id, csrf: looks, nobody arrives
     <a data-arrival="id">     a party of the list, by its handoff
     data-place                where the verdict is put, from <template data-verdict="…">: valid, early, late, key_over,
                               forged, unknown_key, malformed, no_code, used, over; then saved, arrived, refused
                               it gets data-alone where the verdict asks something: what follows it is hidden then
   In a verdict: data-fill="party", partner, window, at, said, adult, child, infant; data-href; data-bands shown where fewer
   can be told: not of an agency's booking; <form data-arrive>, with inputs adult, child, infant where fewer can be told. */
(() => {
  'use strict';
  const d = document, phone = self.phone;
  const main = () => d.querySelector('main[data-receive]');
  if (!main()) return;

  /* The camera where it can read a pass; else what to do without, which is another sentence where there is no https. */
  const blind = (why) => d.querySelectorAll('[data-blind=' + why + ']').forEach((x) => { x.hidden = false; });
  const cameras = async () => {
    if (!navigator.mediaDevices) return blind('http');
    const reads = navigator.serviceWorker && self.BarcodeDetector && (await self.BarcodeDetector.getSupportedFormats()).includes('qr_code');
    if (!reads) return blind('phone');
    d.querySelectorAll('[data-camera]').forEach((box) => { box.hidden = false; });
  };
  cameras().catch(() => blind('phone'));
  if (!phone || !self.isSecureContext || !navigator.serviceWorker) return;
  const NET = 3000;
  let pocket = null, used = {}, shown = {}, ahead = 0;
  const now = () => Date.now() + ahead;

  const settled = phone.settled.then(async () => {
    if (!navigator.serviceWorker.controller) return;
    used = await phone.ask({ say: 'get', name: 'used' }) || {};
    const res = await fetch(main().dataset.pocket, { headers: { 'Handoff-Phone': 'copy' } }).catch(() => null);
    pocket = res && res.ok ? await res.json() : null;
    if (pocket) ahead = Date.parse(pocket.as_of) - Date.parse(res.headers.get('Handoff-From') || res.headers.get('Date')) || 0;
    if (Math.abs(ahead) < 60000) ahead = 0;
  });

  const reach = async (url, how) => {
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), NET);
    const res = await fetch(url, Object.assign({ signal: stop.signal, credentials: 'same-origin' }, how)).finally(() => clearTimeout(limit));
    if (res.status > 501) throw new Error('away');
    return res;
  };

  const show = (verdict, words, arrival) => {
    const template = d.querySelector('template[data-verdict="' + verdict + '"]');
    const place = d.querySelector('[data-place]'), held = template.content.cloneNode(true);
    const said = Object.assign({}, arrival && arrival.said, words);
    held.querySelectorAll('[data-fill]').forEach((x) => { x.textContent = said[x.dataset.fill] || ''; });
    held.querySelectorAll('[data-href]').forEach((x) => { if (said.href) x.href = said.href; else x.remove(); });
    held.querySelectorAll('[data-bands]').forEach((x) => { x.hidden = !shown.party; });
    held.querySelectorAll('[data-js]').forEach((x) => { x.hidden = false; });
    Object.entries(shown.party || {}).forEach(([band, count]) => {
      held.querySelectorAll('input[name=' + band + ']').forEach((x) => {
        x.value = x.max = count;
        (x.closest('.stp') || x).hidden = !count;
      });
    });
    place.toggleAttribute('data-alone', !!held.querySelector('.act'));
    place.replaceChildren(held);
    place.tabIndex = -1;
    place.focus();
    place.scrollIntoView();
  };

  /* What the phone can say by itself of a pass, a code or a party of the list. */
  const judge = async ({ pass_token, code, referral_id }) => {
    await settled;
    if (!pocket) return show('no_code');
    const { reason, claims } = pass_token ? await self.pass.verified(pass_token, pocket.keys, now()) : { reason: 'valid' };
    const id = claims ? claims.referral_id : referral_id;
    const arrival = reason === 'forged' ? null : pocket.arrivals.find((one) => id ? one.referral_id === id : code && one.code === code);
    if (!pass_token && !arrival) return show('no_code');
    const known = arrival ? arrival.referral_id : id, party = arrival ? arrival.party : claims && claims.party;
    const booked = arrival ? arrival.booked : claims && claims.sender === claims.issuer;
    const scan = pass_token ? { pass_token } : { short_code: code, referral_id: known, booked };
    shown = { scan, party: !booked && party, known, arrival };
    const before = used[known] || arrival && arrival.state === 'arrived' && pocket.as_of;
    show(arrival && arrival.over || (reason === 'valid' && before ? 'used' : reason), Object.assign({ at: before && phone.said(before) }, party), arrival);
  };

  const look = async (form, given) => {
    const fields = new URLSearchParams(new FormData(form));
    if (given) fields.set('pass_token', given);
    const asked = { pass_token: fields.get('pass_token'), code: (fields.get('code') || '').replace(/\s/g, '').toUpperCase() };
    let res, html;
    try {
      res = await reach(form.action, { method: 'POST', body: fields });
      html = res.redirected || await res.text();
    } catch (away) {
      return judge(asked);
    }
    if (res.redirected) return location.assign(res.url);
    phone.swap(html);
    d.querySelector('main').scrollIntoView();
  };

  const choose = async (link) => {
    try {
      await reach(link.href, { headers: { 'Handoff-Phone': 'fresh' } });
    } catch (away) {
      return judge({ referral_id: link.dataset.arrival });
    }
    location.assign(link.href);
  };

  /* Given to the service worker, which sends it now or later; noted first, so that a second look knows of it. */
  const arrive = async (form) => {
    const { scan, party, known, arrival } = shown, seen_at = new Date(now()).toISOString(), id = crypto.randomUUID ? crypto.randomUUID() : unique();
    const counts = ['adult', 'child', 'infant'].map((band) => [band, form.elements[band]]).filter(([, input]) => input);
    const here = Object.assign({}, party, ...counts.map(([band, input]) => ({ [band]: Number(input.value) })));
    const fewer = party && counts.length && Object.keys(here).some((band) => here[band] !== party[band]);
    const one = Object.assign({ id, seen_at }, scan, fewer && { party: here });
    const label = arrival ? arrival.said.party + ' · ' + arrival.said.partner : phone.said(seen_at);
    used[known] = seen_at;
    await phone.ask({ say: 'put', name: 'used', value: used, until: Date.now() + 4 * 86400000 });
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': phone.meta('csrf'), 'Handoff-Later': encodeURIComponent(label), 'Handoff-Id': id };
    const res = await fetch(main().dataset.scans, { method: 'POST', headers, body: JSON.stringify({ scans: [one] }) }).catch(() => null);
    const answer = res && res.ok && await res.json();
    if (!answer) return show('refused', {}, arrival);
    const came = answer.saved ? { outcome: 'saved' } : answer.results[0];
    show(came.outcome, { said: came.said, href: came.href, at: phone.said(seen_at) }, arrival);
  };
  const unique = () => '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (sign) => (sign ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> sign / 4).toString(16));

  /* The camera, until it has read something or the page is left. */
  const film = async (box) => {
    const video = box.querySelector('video'), eye = new self.BarcodeDetector({ formats: ['qr_code'] });
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    const end = () => { stream.getTracks().forEach((track) => track.stop()); video.hidden = true; video.srcObject = null; };
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const watch = async () => {
      if (d.hidden || !video.isConnected) return end();
      const [code] = await eye.detect(video).catch(() => []);
      if (!code) return void setTimeout(watch, 200);
      end();
      if (navigator.vibrate) navigator.vibrate(60);
      look(d.querySelector('form[data-look]'), code.rawValue);
    };
    watch();
  };

  d.addEventListener('submit', (e) => {
    const { look: asks, arrive: comes } = e.target.dataset;
    if (asks === undefined && comes === undefined || !navigator.serviceWorker.controller) return;
    e.preventDefault();
    const button = e.submitter;
    if (button) button.disabled = true;
    (comes === undefined ? look(e.target) : arrive(e.target)).finally(() => { if (button) button.disabled = false; });
  });
  d.addEventListener('click', (e) => {
    const link = e.target.closest('a[data-arrival]'), open = e.target.closest('[data-open]');
    if (open) film(open.closest('[data-camera]')).catch(() => { open.closest('[data-camera]').hidden = true; blind('phone'); });
    if (!link || !navigator.serviceWorker.controller) return;
    e.preventDefault();
    choose(link);
  });
  d.addEventListener('swapped', cameras);
})();
