/*
 * Virtual keys: `sk-router-`, 32 random characters of base62 (190 bits), and a checksum of 6 over them. Nothing but
 * letters, digits and `-`, so that a key survives in any header and URL; never `sk-ant-oat` (clients.md 4(iv).9).
 */

const prefix = 'sk-router-';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomLength = 32;
const checksumLength = 6;
const tailForm = /^[0-9A-Za-z]{38}$/;

/** Makes a key. `randomBytes` gives so many bytes of cryptographic randomness. */
export function newKey(randomBytes: (count: number) => Uint8Array): string {
  let random = '';
  while (random.length < randomLength) {
    // 248 is the last multiple of 62: bytes from there up would make some characters likelier than others.
    const even = [...randomBytes(randomLength)].filter((byte) => byte < 248);
    random += even.map((byte) => alphabet.charAt(byte % 62)).join('');
  }
  const kept = random.slice(0, randomLength);
  return `${prefix}${kept}${checksumOf(kept)}`;
}

/**
 * Tells one of our keys from a mistyped one and from anything else, without a look-up. The checksum is no secret: it keeps
 * typos and junk away from KV, and says nothing about whether a key exists.
 */
export function checkForm(key: string): 'ours' | 'mistyped' | 'foreign' {
  const tail = key.slice(-randomLength - checksumLength);
  const fits = tailForm.test(tail) && checksumOf(tail.slice(0, randomLength)) === tail.slice(randomLength);
  if (fits && key === `${prefix}${tail}`) return 'ours';
  // Without the last dash: it may be the one that changed places. A whole tail tells a typo in the prefix.
  return fits || key.startsWith(prefix.slice(0, -1)) ? 'mistyped' : 'foreign';
}

/** The SHA-256 of a key in hex: its name in KV and in memos, always whole (threats.md T60, T61). */
export async function digestOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function checksumOf(text: string): string {
  let left = crc32(text);
  let digits = '';
  for (let i = 0; i < checksumLength; i += 1) {
    digits = alphabet.charAt(left % 62) + digits;
    left = Math.floor(left / 62);
  }
  return digits;
}

/** CRC-32 (the polynomial of zlib) of ASCII text: no change within four neighbouring characters escapes it. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
