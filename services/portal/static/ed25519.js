/* Whether a key signed a text, where WebCrypto has no Ed25519 (RFC 8032, section 5.1.7). Nothing here is secret. */
(() => {
  'use strict';
  const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
  const mod = (n, by = P) => ((n % by) + by) % by;
  const power = (base, times) => {
    let done = 1n;
    for (let rest = times, square = base; rest; rest >>= 1n, square = mod(square * square)) if (rest & 1n) done = mod(done * square);
    return done;
  };
  const inverse = (n) => power(n, P - 2n);
  const D = mod(-121665n * inverse(121666n)), ROOT = power(2n, (P - 1n) / 4n);
  const number = (bytes) => bytes.reduceRight((n, byte) => n << 8n | BigInt(byte), 0n);

  /* Points as X, Y, Z, T: x = X/Z, y = Y/Z, xy = T/Z. */
  const add = ([x, y, z, t], [u, v, w, s]) => {
    const a = mod((y - x) * (v - u)), b = mod((y + x) * (v + u)), c = mod(2n * D * t * s), d = mod(2n * z * w);
    const [e, f, g, h] = [b - a, d - c, d + c, b + a];
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  };
  const times = (point, n) => {
    let sum = [0n, 1n, 1n, 0n];
    for (let rest = n, twice = point; rest; rest >>= 1n, twice = add(twice, twice)) if (rest & 1n) sum = add(sum, twice);
    return sum;
  };

  /* The point that 32 bytes stand for, or null. */
  const point = (bytes) => {
    const all = number(bytes), sign = all >> 255n, y = all & (1n << 255n) - 1n;
    if (y >= P) return null;
    const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
    const square = mod(u * inverse(v));
    let x = power(square, (P + 3n) / 8n);
    if (mod(x * x) !== square) x = mod(x * ROOT);
    if (mod(x * x) !== square || !x && sign) return null;
    if ((x & 1n) !== sign) x = P - x;
    return [x, y, 1n, mod(x * y)];
  };
  const same = (a, b) => mod(a[0] * b[2]) === mod(b[0] * a[2]) && mod(a[1] * b[2]) === mod(b[1] * a[2]);
  const BASE = point(Uint8Array.from({ length: 32 }, (_, at) => at ? 0x66 : 0x58));

  self.ed25519 = async (key, signature, text) => {
    const half = signature.slice(0, 32), a = point(key), r = point(half), s = number(signature.slice(32));
    if (signature.length !== 64 || key.length !== 32 || !a || !r || s >= L) return false;
    const all = new Uint8Array([...half, ...key, ...text]);
    const k = mod(number(new Uint8Array(await crypto.subtle.digest('SHA-512', all))), L);
    return same(times(BASE, s), add(r, times(a, k)));
  };
})();
