/* What a pass is worth without the node: contracts/passes/codec.py and services/client/passes.py, for the phone.

   self.pass: read(token), or null unless it is written in the one way there is
              verified(token, keys, now)   {reason, claims}; `keys` as /receive/pocket.json has them, `now` in ms */
(() => {
  'use strict';
  const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
  const FIRST = Date.UTC(2000) / 1000, LAST = Date.UTC(2200) / 1000;
  const wrong = () => { throw new RangeError('malformed'); };
  const need = (held) => held || wrong();

  const base45 = (text) => {
    const worths = [...text].map((sign) => SIGNS.indexOf(sign)), bytes = [];
    need(worths.length % 3 !== 1 && !worths.includes(-1));
    for (let at = 0; at < worths.length; at += 3) {
      const [a, b, c] = worths.slice(at, at + 3), worth = a + 45 * b + 2025 * (c || 0);
      need(worth < (c === undefined ? 256 : 65536));
      if (c !== undefined) bytes.push(worth >> 8);
      bytes.push(worth & 255);
    }
    return Uint8Array.from(bytes);
  };

  /* One CBOR value that fills the bytes, each head as short as can be. Maps are lists of [key, value], tags {tag, value}. */
  const cbor = (bytes) => {
    let at = 0;
    const take = (count) => { need(at + count <= bytes.length); return bytes.slice(at, at += count); };
    const head = () => {
      const [first] = take(1), low = first & 31;
      if (low < 24) return [first >> 5, low];
      need(low < 28);
      const size = 1 << low - 24, count = take(size).reduce((sum, byte) => sum * 256 + byte, 0);
      need(count >= (size === 1 ? 24 : 2 ** (size * 4)) && count <= Number.MAX_SAFE_INTEGER);
      return [first >> 5, count];
    };
    const list = (count, part) => { need(count <= bytes.length); return Array.from({ length: count }, part); };
    const value = () => {
      const [kind, count] = head();
      if (kind === 0) return count;
      if (kind === 1) return -1 - count;
      if (kind === 2) return take(count);
      if (kind === 3) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(count));
      if (kind === 4) return list(count, value);
      if (kind === 5) return { map: list(count, () => [value(), value()]) };
      return kind === 6 ? { tag: count, value: value() } : wrong();
    };
    const found = value();
    return need(at === bytes.length) && found;
  };

  /* The values of the map in some bytes, which has exactly these keys, in this order. */
  const held = (bytes, keys) => {
    const { map } = cbor(need(bytes instanceof Uint8Array) && bytes);
    need(map && map.map(([key]) => key).join() === keys);
    return map.map(([, value]) => value);
  };
  const octets = (value, size) => need(value instanceof Uint8Array && value.length === size) && value;
  const name = (value) => need(typeof value === 'string' && value && [...value].length <= 17) && value;
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_');
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
  const string = (content) => content.length < 24 ? [64 + content.length, ...content]
    : content.length < 256 ? [88, content.length, ...content] : [89, content.length >> 8, content.length & 255, ...content];

  const claims = (payload) => {
    const [issuer, audience, closes, opens, cti, counted] = held(payload, '1,3,4,5,7,-65537');
    need(Number.isInteger(opens) && Number.isInteger(closes) && FIRST <= opens && opens < closes && closes < LAST);
    need(Array.isArray(counted) && counted.length === 4);
    const [sender, adult, child, infant] = counted, bands = [adult, child, infant];
    need(bands.every((count) => Number.isInteger(count) && count >= 0));
    need(adult > 0 && adult + child + infant <= 200);
    return {
      issuer: name(issuer), audience: name(audience), sender: name(sender), party: { adult, child, infant },
      referral_id: hex(octets(cti, 16)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      opens: opens * 1000, closes: closes * 1000,
    };
  };

  const read = (token) => {
    try {
      need(token.length <= 296);
      const { tag, value } = cbor(base45(token));
      need(tag === 18 && Array.isArray(value) && value.length === 4);
      const [header, loose, payload, signature] = value;
      need(loose.map && !loose.map.length);
      const [alg, kid] = held(header, '1,4');
      need(alg === -8);
      const text = Uint8Array.from([0x84, 0x6a, ...new TextEncoder().encode('Signature1'), ...string(header), 0x40, ...string(payload)]);
      return { keyid: base64(octets(kid, 12)), claims: claims(payload), signature: octets(signature, 64), text };
    } catch (malformed) {
      return null;
    }
  };

  const inPass = async (community) => {
    if (community.length <= 17) return community;
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(community));
    return '~' + base64(new Uint8Array(digest).slice(0, 12));
  };

  const holds = async (key, signature, text) => {
    try {
      const held = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
      return await crypto.subtle.verify('Ed25519', held, signature, text);
    } catch (unknown) {
      if (!self.ed25519) await fallback();
      return self.ed25519(key, signature, text);
    }
  };
  const fallback = () => new Promise((onload, onerror) => {
    const src = document.querySelector('[data-ed25519]').dataset.ed25519;
    document.head.append(Object.assign(document.createElement('script'), { src, onload, onerror }));
  });

  const verified = async (token, keys, now) => {
    const shown = read(token);
    if (!shown) return { reason: 'malformed' };
    const said = shown.claims, named = [];
    for (const key of keys) if (key.keyid === shown.keyid && await inPass(key.community) === said.issuer) named.push(key);
    const [key] = named;
    if (!key || said.audience !== said.issuer) return { reason: 'unknown_key' };
    if (!await holds(bytes(key.public_key), shown.signature, shown.text)) return { reason: 'forged' };
    if (key.used_until && Date.parse(key.used_until) <= now) return { reason: 'key_over', claims: said };
    return { reason: now < said.opens ? 'early' : now >= said.closes ? 'late' : 'valid', claims: said };
  };

  self.pass = { read, verified, holds };
})();
