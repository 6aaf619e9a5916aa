// Saves answers while somebody gives them, counts down, and hands in when the time is over. The page works without it.
const form = document.querySelector("#quiz");
const { save, waiting, out, over, one, many } = form.dataset;
const [told, warning, clock, count] = ["saved", "warning", "clock", "count"].map((id) => document.getElementById(id));
const token = form.elements.csrf_token;
const began = performance.now(); // counts on whatever the phone's clock says
const changed = new Set();
let last = Number(form.dataset.elapsed);
let pause = 1000;
let isSending = false;
let isLeaving = false;
let timer;
let end;

function tell(text, kind = "") {
  const state = document.createElement("span");
  state.className = `state ${kind}`;
  state.textContent = text;
  told.replaceChildren(state);
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

// Later saves have higher numbers: the highest counts, in whatever order they arrive.
function packed(numbers) {
  last = Math.max(last + 1, Math.floor(Number(form.dataset.elapsed) + (performance.now() - began) / 100));
  const data = new FormData();
  data.set("csrf_token", token.value);
  data.set("sequence", last);
  for (const number of numbers) data.append("asked", number);
  for (const [name, value] of new FormData(form)) {
    if (numbers.includes(name.split(".")[0].slice(1))) data.append(name, value);
  }
  return data;
}

async function renewToken() {
  const page = await fetch(location.href);
  const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("#quiz [name=csrf_token]");
  if (found) token.value = found.value;
}

async function send(isLast = false) {
  if (isLeaving || (isSending && !isLast)) return;
  const numbers = [...changed];
  changed.clear();
  isSending = true;
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(save, { method: "POST", body: packed(numbers), headers, keepalive: isLast === true });
    if (answer.status === 400) await renewToken();
    if (answer.status === 422) tell((await answer.json()).problem, "stop");
    else if (!answer.ok) throw answer.status;
    else {
      const said = await answer.json();
      if (said.is_closed) return leave();
      if (numbers.length) tell(said.saved);
      if (clock) end = performance.now() + said.left * 1000;
    }
    pause = 1000;
  } catch (status) {
    for (const number of numbers) changed.add(number);
    tell(status === 401 ? out : waiting, "soon");
    pause = Math.min(pause * 2, 30000);
    soon(pause);
  } finally {
    isSending = false;
    if (changed.size && pause === 1000) soon(500);
  }
}

function leave() {
  isLeaving = true;
  location.reload();
}

function isAnswered(section) {
  return [...section.querySelectorAll("input:not([type=hidden]),select,textarea")].some((field) =>
    ["radio", "checkbox"].includes(field.type) ? field.checked : field.value.trim(),
  );
}

form.addEventListener("input", ({ target }) => {
  const section = target.closest("[data-question]");
  if (!section || "walk" in section.dataset) return; // a way in a scenario is chosen with its button
  changed.add(section.dataset.question);
  soon(/^(text|textarea)$/.test(target.type) ? 2500 : 400);
  document.querySelector(`[data-step="${section.dataset.question}"]`).classList.toggle("done", isAnswered(section));
  count.textContent = count.dataset.of.replace("{n}", document.querySelectorAll("[data-step].done").length);
});

form.addEventListener("submit", (event) => {
  if (navigator.onLine) {
    isLeaving = true;
    clearTimeout(timer);
  } else {
    event.preventDefault();
    tell(waiting, "soon");
  }
});
addEventListener("online", () => soon(0));
addEventListener("pageshow", () => (isLeaving = false));
addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" ? changed.size : clock) send(true);
});
addEventListener("beforeunload", (event) => {
  if (changed.size && pause > 1000 && !isLeaving) event.preventDefault(); // the line is down
});

end = performance.now() + Number(form.dataset.left) * 1000;
function tick() {
  const left = (end - performance.now()) / 1000;
  const text = left > 60 ? many.replace("{n}", Math.ceil(left / 60)) : one;
  if (clock.textContent !== text) {
    clock.textContent = text;
    if ([5, 1].includes(Math.ceil(left / 60))) warning.textContent = text;
  }
  if (left > 0 || isLeaving || !navigator.onLine) return;
  tell(over, "soon");
  const sure = Object.assign(document.createElement("input"), { type: "hidden", name: "sure", value: "1" });
  form.append(sure);
  form.requestSubmit(form.querySelector("[value=submit]"));
}
if (clock) setInterval(tick, 1000);
