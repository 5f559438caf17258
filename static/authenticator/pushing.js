// Being woken while the page is closed. It never keeps anything else waiting: a push service may not answer at all.
import { about, encoded, say } from "./speaking.js";

const PATIENCE = 8_000;
const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const within = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("no answer")))]);

export const possible = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Start the script that a push wakes. */
export async function register() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(about.worker, { scope: new URL("./", new URL(about.worker, location)).pathname, updateViaCache: "none" });
}

/** Subscribe where notifications are allowed, and tell it for each account that has not been told; say whether it is so. */
export async function subscribe(accounts) {
  if (!possible() || Notification.permission !== "granted") return false;
  let told;
  try {
    const { pushManager } = await within(navigator.serviceWorker.ready);
    let made = await within(pushManager.getSubscription());
    const mine = made?.options?.applicationServerKey;
    if (made && mine && encoded(mine) !== about.vapid) {
      await within(made.unsubscribe());
      made = null;
    }
    made ??= await within(pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(about.vapid) }));
    const { endpoint, keys } = made.toJSON();
    told = { endpoint, p256dh: keys.p256dh, auth: keys.auth, vapid: about.vapid };
  } catch {
    return false;
  }
  const answers = await Promise.all(accounts.map((account) => say(account, "subscribe", told)));
  return answers.every((answer) => !answer.error);
}
