// The compact claim of a QR: read it, and check its signature with the published keys. No network, no page.
// The layout is that of lms/certification/signing/claim.py.

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX = new TextEncoder().encode("cascada claim 1\n");
const DAY = 86_400_000;
const EPOCH = Date.UTC(2020, 0, 1);
export const BITS = 131_072;

export function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function codeOf(bytes) {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let code = "";
  for (let place = 0; place < 12; place++) {
    code = SYMBOLS[Number(number % 32n)] + code;
    number /= 32n;
  }
  return code;
}

function keyOf(year, number) {
  let letters = "";
  for (; number; number = Math.floor((number - 1) / 26)) letters = String.fromCharCode(97 + ((number - 1) % 26)) + letters;
  return `${2000 + year}-${letters}`;
}

// Read a claim; throws when the bytes are none. Nothing in it is true before `isSigned` says so.
export function readClaim(text) {
  const data = bytesOf(text);
  const view = new DataView(data.buffer);
  if (data.length < 88 || data[0] !== 1) throw new RangeError("form");
  const count = data[21];
  if (count > 4) throw new RangeError("form");
  const at = 22 + 8 * count;
  const end = at + 1 + data[at];
  if (data.length !== end + 64) throw new RangeError("form");
  const until = view.getUint16(15);
  const status = view.getUint32(17);
  return {
    key: keyOf(data[1], data[2]),
    code: codeOf(data.slice(3, 11)),
    level: data[11],
    generation: data[12],
    issued: new Date(EPOCH + view.getUint16(13) * DAY),
    until: until ? new Date(EPOCH + until * DAY) : null,
    list: Math.floor(status / BITS),
    index: status % BITS,
    signers: Array.from({ length: count }, (_, one) => codeOf(data.slice(22 + 8 * one, 30 + 8 * one))),
    name: new TextDecoder("utf-8", { fatal: true }).decode(data.slice(at + 1, end)),
    body: data.slice(0, end),
    signature: data.slice(end),
  };
}

// The published keys of a DID document, by id, as raw bytes.
export function keysOf(did) {
  const keys = new Map();
  for (const method of did.verificationMethod) {
    const raw = base58(method.publicKeyMultibase.slice(1));
    if (method.controller === did.id && raw.length === 34 && raw[0] === 0xed && raw[1] === 1) {
      keys.set(method.id.split("#")[1], { raw: raw.slice(2), isStolen: "revoked" in method });
    }
  }
  return keys;
}

function base58(text) {
  const letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let number = 0n;
  for (const letter of text) {
    const value = letters.indexOf(letter);
    if (value < 0) throw new RangeError("form");
    number = number * 58n + BigInt(value);
  }
  const bytes = [];
  for (; number; number /= 256n) bytes.unshift(Number(number % 256n));
  return Uint8Array.from(bytes);
}

// The browser's own Ed25519 where it has one; else the small library at `fallback`.
export async function isSigned(claim, raw, fallback) {
  const data = new Uint8Array([...PREFIX, ...claim.body]);
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    const { verifyAsync } = await import(fallback);
    return verifyAsync(claim.signature, data, raw, { zip215: false });
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, claim.signature, data);
}

// Whether a bit of a status list is set; throws when the list cannot be read.
export async function isOut(encoded, index) {
  if (!encoded.startsWith("u")) throw new RangeError("form");
  const packed = new Blob([bytesOf(encoded.slice(1))]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bits = new Uint8Array(await new Response(packed).arrayBuffer());
  if (bits.length !== BITS / 8) throw new RangeError("form");
  return Boolean(bits[index >> 3] & (0x80 >> (index & 7)));
}
