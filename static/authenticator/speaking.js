// How a phone speaks: a message is canonical JSON, an object of texts with its keys in order, and the signature is over that text.
import * as vault from "./vault.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const HASH = { name: "ECDSA", hash: "SHA-256" };
const PATIENCE = 10_000;

export const about = JSON.parse(document.getElementById("about").textContent);
let ahead = about.now - Date.now(); // how far the server's clock is from this one
let last = 0;

export const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

export const canonical = (parts) => JSON.stringify(parts, Object.keys(parts).sort());

/** Make a key that cannot leave this browser. */
export async function newKey() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  return { key: encoded(await crypto.subtle.exportKey("raw", pair.publicKey)), pair };
}

/** Say something as an account; the answer has `status`, and `error` with `text` where it was refused. */
export async function say(account, act, parts = {}) {
  let answer = await once(account, act, parts);
  if (answer.error === "clock" || answer.error === "replayed") answer = await once(account, act, parts); // by the server's clock
  return answer;
}

async function once(account, act, parts) {
  last = Math.max(Date.now() + ahead, last + 1);
  const said = { ...parts, act, at: String(last), audience: about.audience, key: account.key };
  if (account.account) said.account = account.account;
  const message = canonical(said);
  const signature = encoded(await crypto.subtle.sign(HASH, account.pair.privateKey, new TextEncoder().encode(message)));
  try {
    const response = await fetch(about.endpoints[act], {
      method: "POST",
      body: new URLSearchParams({ message, signature }),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const answer = await response.json();
    if (answer.now) ahead = answer.now - Date.now();
    if (answer.code) answer.text = `${answer.text} (${answer.code})`;
    return { ...answer, status: response.status };
  } catch {
    return { status: 0, error: "offline", text: about.words.offline };
  }
}

/** Pair by the code that another screen shows. */
export async function pair(code, name) {
  const made = await newKey();
  const answer = await say(made, "pair", { code, name });
  if (answer.error) return answer;
  await vault.put("accounts", { ...made, account: answer.account, name: answer.name, organization: answer.organization, since: Date.now(), seen: false });
  await navigator.storage?.persist?.();
  return answer;
}

/** Return the time by the server's clock. */
export const now = () => Date.now() + ahead;
