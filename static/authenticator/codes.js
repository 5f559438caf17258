// Codes as any authenticator app shows them (TOTP, RFC 6238: SHA-1, six digits, thirty seconds).
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LEAST = 10; // bytes; RFC 4226 asks for 16, and some accounts have 10
export const STEP = 30;

/** Return the bytes of base32, or null where it is none. */
export function bytesOf(text) {
  const tidy = text.toUpperCase().replace(/[\s-]/g, "").replace(/=+$/, "");
  let bits = 0;
  let value = 0;
  const bytes = [];
  for (const letter of tidy) {
    const at = LETTERS.indexOf(letter);
    if (at < 0) return null;
    value = (value << 5) | at;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 255);
      value &= (1 << bits) - 1;
    }
  }
  return bytes.length >= LEAST ? new Uint8Array(bytes) : null;
}

/** Read a key, or an otpauth link; null where it is neither, or asks for codes that are made otherwise. */
export function read(text) {
  const given = text.trim();
  if (!given.toLowerCase().startsWith("otpauth:")) {
    const bytes = bytesOf(given);
    return bytes && { bytes, name: "" };
  }
  let link;
  try {
    link = new URL(given.replace(/^otpauth:\/\/totp\//i, "https://totp/"));
  } catch {
    return null;
  }
  const asked = (name, usual) => (link.searchParams.get(name) ?? usual).toUpperCase();
  const usual = link.hostname === "totp" && asked("algorithm", "SHA1") === "SHA1" && asked("digits", "6") === "6" && asked("period", "30") === "30";
  const bytes = usual ? bytesOf(link.searchParams.get("secret") ?? "") : null;
  if (!bytes) return null;
  let name = link.pathname.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    // A name that is not written as it should be is shown as it is.
  }
  return { bytes, name: name.slice(0, 80) };
}

/** Take a key in, so that it never comes out again. */
export const imported = (bytes) => crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);

/** Return the code of a moment, in seconds. */
export async function code(key, seconds) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(seconds / STEP)));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const at = mac.getUint8(19) & 15;
  return String((mac.getUint32(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
