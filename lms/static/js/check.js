// The page behind a QR: the claim after the # is checked here, on the phone. What is after a # is sent to nobody.
import { isOut, isSigned, keysOf, readClaim } from "./check-claim.js";

const at = (id) => document.getElementById(id);
const { lists, worker, noble, verify, lang } = at("sentences").dataset;
const say = (name, values = {}) => {
  const text = document.querySelector(`[data-say="${name}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (_, word) => values[word] ?? "");
};
const day = (date, zone = "UTC") => new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: zone }).format(date);
const today = () => {
  const local = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Guatemala" }).format(new Date());
  return new Date(`${local}T00:00:00Z`);
};

async function answer(claim) {
  let keys;
  try {
    keys = keysOf(await (await fetch("/.well-known/did.json")).json());
  } catch {
    return "nokeys";
  }
  const key = keys.get(claim.key);
  if (!key) return "unknownkey";
  if (!(await isSigned(claim, key.raw, noble))) return "false";
  if (key.isStolen) return "stolen";
  if (claim.issued > today()) return "early";
  if (claim.until && claim.until < today()) return "expired";
  return "good";
}

async function listOf(claim) {
  try {
    const list = await (await fetch(`/status/${claim.list}`)).json();
    return { out: await isOut(list.credentialSubject.encodedList, claim.index), day: new Date(list.validFrom) };
  } catch {
    return null;
  }
}

async function show() {
  const text = location.hash.slice(1);
  at("answer").hidden = true;
  if (!text) return;
  let claim;
  try {
    claim = readClaim(text);
  } catch {
    return tell("form");
  }
  let verdict = await answer(claim);
  if (!["good", "expired", "early"].includes(verdict)) {
    // Nothing of what is written in it may be read as true; the code alone leads on to the register.
    at("ready").hidden = false;
    return tell(verdict);
  }
  const list = await listOf(claim);
  if (list?.out) verdict = "out";
  tell(verdict, claim.name);
  const code = claim.code.replace(/(.{4})(?=.)/g, "$1-");
  at("over").hidden = at("answer").hidden = false;
  at("ready").hidden = true;
  const values = {
    "shown-code": code,
    name: claim.name,
    level: say("level", { number: claim.level, generation: claim.generation }),
    issued: day(claim.issued),
    until: claim.until ? day(claim.until) : say("never"),
    chain: claim.signers.map((one) => one.replace(/(.{4})(?=.)/g, "$1-")).join(" → ") || say("agency"),
    key: claim.key,
    list: list ? say("offline", { day: day(list.day, "America/Guatemala") }) : say("nolist"),
  };
  for (const [id, value] of Object.entries(values)) at(id).textContent = value;
  at("list").className = list ? "note" : "note warn";
  at("online").href = `${verify}/${claim.code}`;
}

// What stands in the seal: a check, a cross, or a sign to look again.
const CHECK = ["#0a6651", "M5.6 9.2l2.4 2.4 4.6-5"];
const CROSS = ["#a3123b", "M6.4 6.4l5.2 5.2m0-5.2l-5.2 5.2"];
const AGAIN = ["#232a5e", "M9 5v5.2M9 12v1.2"];

function tell(verdict, name = "") {
  const [ground, sign] = { good: CHECK, false: CROSS, out: CROSS }[verdict] ?? AGAIN;
  at("seal-ground").setAttribute("fill", ground);
  at("seal-sign").setAttribute("d", sign);
  at("seal").removeAttribute("hidden");
  at("over").hidden = true;
  at("headline").textContent = say(verdict);
  at("lead").textContent = name || say(`${verdict}advice`);
  at("advice").textContent = name ? say(`${verdict}advice`) : "";
  at("advice").hidden = !at("advice").textContent;
}

async function keep() {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register(worker, { scope: "/v/" });
  const ready = registration.active ?? (await navigator.serviceWorker.ready).active;
  const files = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.href || one.src);
  const published = ["/.well-known/did.json", ...Array.from({ length: Number(lists) }, (_, one) => `/status/${one + 1}`)];
  const module = new URL("check-claim.js", files.find((one) => one.endsWith("check.js"))).href;
  const done = new MessageChannel();
  done.port1.onmessage = () => (at("kept").textContent = say("kept"));
  ready.postMessage({ keep: [location.pathname, ...files, module, noble, ...published] }, [done.port2]);
}

at("plain").hidden = true;
addEventListener("hashchange", show);
await show();
await keep();
