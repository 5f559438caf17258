// What this browser keeps: accounts with their signing keys, and codes with theirs. A key is kept as a CryptoKey that cannot be
// exported, so that no script, ours included, ever reads it.
const NAME = "authenticator";
const VERSION = 1;

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("accounts", { keyPath: "key" });
      asked.result.createObjectStore("codes", { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function done(store, mode, act) {
  const vault = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const dealing = vault.transaction(store, mode);
      const asked = act(dealing.objectStore(store));
      dealing.oncomplete = () => resolve(asked.result);
      dealing.onerror = () => reject(dealing.error);
      dealing.onabort = () => reject(dealing.error);
    });
  } finally {
    vault.close();
  }
}

export const all = (store) => done(store, "readonly", (kept) => kept.getAll());
export const put = (store, value) => done(store, "readwrite", (kept) => kept.put(value));
export const remove = (store, key) => done(store, "readwrite", (kept) => kept.delete(key));
