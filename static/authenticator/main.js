// A phone's authenticator: it asks for what waits while it is open, shows what is asked, and signs what its person says to it.
import * as codes from "./codes.js";
import { complain, find, put, removal, rows, sent, set, tell, warn, words } from "./page.js";
import * as pushing from "./pushing.js";
import { now, pair, say } from "./speaking.js";
import * as vault from "./vault.js";

const EVERY = 2_500; // milliseconds between two looks, only while the page is open
const PAIRING = 5 * 60_000; // how long a phone waits for its other screen to see it
let accounts = [];
let kept = [];
let current = null;
let looking = false;

// --- What is asked ----------------------------------------------------------------------------------------------------
function show(account, request) {
  current = { account, request };
  const { browser, system, purpose, address, at } = request;
  const what = put(purpose === "reset" ? words.reset : words.prove, { name: account.name });
  const known = browser && system ? put(words.browser, { browser, system }) : browser || system || words.some_browser;
  const when = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium" }).format(at);
  for (const [name, text] of Object.entries({ what, browser: known, address: address || words.no_address, when })) {
    find("ask").querySelector(`[data-fact="${name}"]`).textContent = text;
  }
  find("number").value = "";
  complain(find("number"), "");
  find("ask").hidden = false;
  warn("");
  tell("");
  find("ask-title").focus();
}

function hide(text) {
  current = null;
  find("ask").hidden = true;
  tell(text, true);
}

async function answer(decision) {
  const { account, request } = current;
  const number = decision === "approve" ? find("number").value.replace(/\s/g, "") : "";
  if (decision === "approve" && !/^\p{Nd}{2}$/u.test(number)) {
    complain(find("number"), words.number);
    return;
  }
  const came = await say(account, "answer", { request: request.id, number, decision });
  if (came.error === "offline") {
    warn(came.text);
    return;
  }
  hide(came.error ? (came.text ?? words.over) : words[came.outcome]);
  const woken = await navigator.serviceWorker?.getRegistration?.();
  for (const notice of (await woken?.getNotifications?.()) ?? []) notice.close();
}

// --- Looking ----------------------------------------------------------------------------------------------------------
async function lookFor(account) {
  const came = await say(account, "open");
  account.offline = came.error === "offline";
  if (account.offline) return;
  if (came.error === "gone" && account.seen && !account.gone) tell("");
  account.gone = came.error === "gone";
  account.said = came.error && !account.gone ? came.text : "";
  if (!came.error && !account.seen) {
    account.seen = true;
    await vault.put("accounts", stored(account));
    pushing.subscribe([account]); // not before: until then nobody knows it
  }
  if (came.request && !current) show(account, came.request);
  else if (current && current.account.key === account.key && !came.error && came.request?.id !== current.request.id) hide(words.over);
}

async function look() {
  if (looking || document.hidden) return;
  looking = true;
  try {
    await Promise.all(accounts.map(lookFor));
    if (!current) warn(accounts.some((one) => one.offline) ? words.offline : "");
    draw();
  } finally {
    looking = false;
  }
}

// --- What is kept -----------------------------------------------------------------------------------------------------
const stored = ({ key, pair: keys, account, name, organization, since, seen }) => ({ key, pair: keys, account, name, organization, since, seen });

async function load() {
  const known = new Map(accounts.map((one) => [one.key, one]));
  accounts = (await vault.all("accounts")).map((one) => Object.assign(known.get(one.key) ?? {}, one));
  accounts.sort((one, other) => one.since - other.since);
  kept = await vault.all("codes");
  kept.sort((one, other) => one.since - other.since);
}

function state(account) {
  if (account.gone && !account.seen && Date.now() - account.since < PAIRING) return words.waits;
  if (account.gone) return words.gone;
  return account.said || words.ready;
}

function draw() {
  rows(find("accounts"), accounts, (one) => one.key, (row, account) => {
    set(row, "name", account.name);
    set(row, "text", `${account.organization} · ${state(account)}`);
    removal(row, account.name, () => forget(account));
    const again = row.querySelector("[data-again]");
    again.hidden = state(account) !== words.gone;
    again.textContent = words.again;
    again.onclick = () => openPairing();
  });
  find("notify").hidden = !(accounts.length && pushing.possible() && Notification.permission === "default");
}

async function drawCodes() {
  const seconds = now() / 1000;
  const shown = await Promise.all(kept.map(async (one) => ({ ...one, code: await codes.code(one.secret, seconds) })));
  const left = String(codes.STEP - (Math.floor(seconds) % codes.STEP));
  rows(find("codes"), shown, (one) => one.id, (row, one) => {
    set(row, "name", one.name);
    set(row, "code", `${one.code.slice(0, 3)} ${one.code.slice(3)}`);
    set(row, "text", put(words.seconds, { number: left }));
    removal(row, one.name, async () => {
      await vault.remove("codes", one.id);
      await load();
      await drawCodes();
      tell(words.removed, true);
    });
  });
}

async function forget(account) {
  const came = await say(account, "remove"); // also where the last look found nothing: the other screen may have seen it since
  if (came.error && came.error !== "gone") {
    warn(came.text);
    return;
  }
  await vault.remove("accounts", account.key);
  await load();
  draw();
  tell(words.removed, true);
}

function openPairing() {
  find("pair").open = true;
  find("code").focus();
}

// --- From where one comes ---------------------------------------------------------------------------------------------
// What stands behind the # is sent nowhere, and is taken out of the address before anything else is done.
function arrive() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!location.hash) return;
  history.replaceState(null, "", location.pathname);
  if (given.has("pair")) {
    find("code").value = given.get("pair").slice(0, 20);
    find("pair").open = true;
    find("name").focus();
  } else if (given.has("add")) {
    find("key").value = given.get("add").slice(0, 1024);
    find("whose").value = codes.read(find("key").value)?.name ?? "";
    find("add").open = true;
    find("add").querySelector("button").focus();
  }
}

function wire() {
  sent(find("answer"), () => answer("approve"));
  find("ask").querySelector("[data-deny]").addEventListener("click", () => answer("deny").catch(() => warn(words.failed)));
  sent(find("pair").querySelector("form"), async ({ code, name }) => {
    complain(code, "");
    if (code.value.replace(/[^0-9a-z]/gi, "").length !== 10) {
      complain(code, words.code);
      return;
    }
    const came = await pair(code.value, name.value || words.phone);
    if (came.error) {
      complain(code, came.text);
      return;
    }
    code.value = "";
    find("pair").open = false;
    await load();
    draw();
    tell(words.paired, true);
  });
  sent(find("add").querySelector("form"), async ({ key, whose }) => {
    complain(key, "");
    const found = codes.read(key.value);
    if (!found) {
      complain(key, words.key);
      return;
    }
    const name = whose.value || found.name || words.phone;
    await vault.put("codes", { id: crypto.randomUUID(), name, secret: await codes.imported(found.bytes), since: Date.now() });
    key.value = "";
    whose.value = "";
    find("add").open = false;
    await load();
    await drawCodes();
    tell(words.added, true);
  });
  find("notify").querySelector("button").addEventListener("click", async () => {
    const allowed = (await Notification.requestPermission()) === "granted";
    const woken = allowed && (await pushing.subscribe(accounts));
    draw();
    tell(woken ? words.pushed : words.unpushed, true);
  });
  window.addEventListener("hashchange", arrive);
  document.addEventListener("visibilitychange", look);
  navigator.serviceWorker?.addEventListener("message", look);
}

async function start() {
  find("name").value = [navigator.userAgentData?.platform, words.phone].find(Boolean);
  wire();
  document.querySelector("[data-app]").hidden = false;
  arrive();
  try {
    await load();
  } catch {
    warn(words.vault);
    return;
  }
  if (!accounts.length && !kept.length && !find("add").open) find("pair").open = true;
  tell(accounts.length || kept.length ? "" : words.none);
  draw();
  await drawCodes();
  document.body.dataset.ready = "1";
  setInterval(() => drawCodes().catch(() => undefined), 1_000);
  setInterval(look, EVERY);
  look();
  await pushing.register().catch(() => undefined);
  pushing.subscribe(accounts.filter((one) => one.seen));
}

if (window.isSecureContext && window.crypto?.subtle && window.indexedDB) start();
else {
  document.querySelector("[data-app]").hidden = false;
  warn(words.vault);
}
