// A new password is judged while it is typed: rules get their tick, and a meter says how hard it is to guess. All of it
// happens in the browser; a half-typed password is sent nowhere. The server judges again, and knows words that are not here.
const LOOK = 200; // ms of rest before the meter looks
const SAY = 1000; // and before a screen reader is told
const LONGEST = 64; // characters that the meter looks at

const normal = (text) =>
  text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[01$@]/g, (sign) => ({ 0: "o", 1: "l", $: "s", "@": "a" })[sign]);

const classes = (text) => {
  const kinds = [/\p{Lowercase}/u, /\p{Uppercase}/u, /\p{Nd}/u, /[^\p{Lowercase}\p{Uppercase}\p{Nd}]/u];
  return kinds.filter((kind) => kind.test(text)).length;
};

// Each answers whether a text keeps the rule. A rule that is not here is left to the server.
const JUDGES = {
  too_short: (text, number) => [...text.normalize("NFC")].length >= number,
  too_long: (text, number) => [...text.normalize("NFC")].length <= number,
  not_ascii: (text) => /^[\x20-\x7e]*$/.test(text),
  invisible: (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u3164\uffa0]/u.test(text),
  too_few_classes: (text, number) => classes(text) >= number,
  contains_name: (text, _number, names) => !names.some((name) => normal(text).includes(name)),
};
// Broken by what is there, not for want of more: said as broken at once.
const BROKEN_AT_ONCE = new Set(["too_long", "not_ascii", "invisible", "contains_name"]);

const here = (path) => new URL(`vendor/${path}`, import.meta.url);

const script = (source) =>
  new Promise((resolve, reject) => {
    const element = document.createElement("script");
    Object.assign(element, { src: source, onload: resolve, onerror: reject });
    document.head.append(element);
  });

const read = async (path) => {
  const answer = await fetch(here(path));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
};

let estimator; // a promise, once somebody begins to type
const load = async () => {
  const [words, graphs] = await Promise.all([
    read("common-passwords/first-10000.txt").then((answer) => answer.text()),
    read("zxcvbn-ts/adjacencyGraphs.json").then((answer) => answer.json()),
    script(here("zxcvbn-ts/zxcvbn-ts.js")),
  ]);
  const { ZxcvbnFactory } = globalThis.zxcvbnts.core;
  return new ZxcvbnFactory({ dictionary: { common: words.trim().split("\n") }, graphs, maxLength: LONGEST });
};

const watch = (box, input) => {
  const names = box.dataset.names.split(" ").filter(Boolean);
  const rules = [...box.querySelectorAll("[data-rule]")].filter((rule) => rule.dataset.rule in JUDGES);
  const meter = box.querySelector("[role=meter]");
  const words = [...box.querySelectorAll("[data-words] > *")].map((word) => word.textContent);
  const status = box.querySelector("[role=status]");
  const digits = new Intl.NumberFormat(document.documentElement.lang);
  let look, say;

  for (const rule of rules) {
    const state = document.createElement("span");
    state.className = "unseen";
    rule.append(" ", state);
  }

  const mark = (rule, state) => {
    rule.dataset.state = state;
    rule.lastElementChild.textContent = state ? box.dataset[state] : "";
  };

  const tick = (text) => {
    for (const rule of rules) {
      const { rule: name, number } = rule.dataset;
      const kept = JUDGES[name](text, Number(number), names);
      mark(rule, !text ? "" : kept ? "kept" : BROKEN_AT_ONCE.has(name) ? "broken" : "");
    }
  };

  const measure = async (text) => {
    const estimate = await estimator;
    if (text !== input.value) return;
    const { score } = estimate.check(text, names);
    meter.setAttribute("aria-valuenow", score);
    meter.setAttribute("aria-valuetext", words[score]);
    meter.dataset.score = score;
    box.querySelector(".strength").hidden = !text;
    box.querySelector("[data-word]").textContent = words[score];
  };

  const tell = (text) => {
    const kept = rules.filter((rule) => rule.dataset.state === "kept").length;
    const strength = meter.dataset.score ? `${box.dataset.strength}: ${words[meter.dataset.score]}.` : "";
    status.textContent = text
      ? `${box.dataset.kept}: ${digits.format(kept)}/${digits.format(rules.length)}. ${strength}`
      : "";
  };

  const begin = () => {
    estimator ??= load();
    estimator.catch(() => meter.removeAttribute("data-score")); // no meter then; the rules do without
  };

  const judge = () => {
    const text = input.value;
    begin();
    tick(text);
    clearTimeout(look);
    clearTimeout(say);
    look = setTimeout(() => measure(text).catch(() => {}), LOOK);
    say = setTimeout(() => tell(input.value), SAY);
  };

  input.addEventListener("focus", begin, { once: true });
  input.addEventListener("input", judge);
  input.addEventListener("change", judge); // some password managers send only this
  if (document.activeElement === input) begin();
  if (input.value) judge();
};

for (const box of document.querySelectorAll("[data-names]")) {
  const input = document.querySelector("input[name=new_password]");
  if (input) watch(box, input);
}
