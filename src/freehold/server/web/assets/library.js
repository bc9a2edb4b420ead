// The library: what is owned, and the work on it. Nothing here holds up a chat.
import { getJson, postJson } from "./api.js";
import { choose, confirm } from "./dialogs.js";
import { announce, byId, el, icon } from "./dom.js";
import { count, licenceClass, parameters, size } from "./words.js";
import { work } from "./works.js";

let rows = new Map();

async function refresh() {
  const { models } = await getJson("/page/models");
  const before = rows;
  rows = new Map(models.map((model) => [key(model), row(model, before.get(key(model)))]));
  byId("models").replaceChildren(...[...rows.values()].map((one) => one.box));
  const total = models.reduce((sum, model) => sum + model.bytes, 0);
  byId("sum").textContent = models.length ? `${count(models.length, "model")}, ${size(total)}` : "";
  if (!models.length) byId("models").append(el("li", { class: "none" }, "Nothing yet. The first one above is 98 MB and answers in a minute."));
}

const key = (model) => `${model.library}/${model.id}`;

function row(model, before) {
  const works = before?.works ?? el("div", { class: "works" });
  const said = before?.said ?? el("p", { class: "said" });
  const facts = [size(model.bytes), parameters(model.parameters), model.quantization, model.sees ? "sees pictures" : ""];
  const box = el(
    "li",
    { class: "card model" },
    el("div", { class: "model-head" }, el("h3", {}, model.name), badges(model)),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(" · "), model.from.length ? ` · from ${model.from.join(", ")}` : ""),
    el("div", { class: "acts" }, buttons(model, works, said)),
    said,
    works,
  );
  return { box, works, said };
}

function badges(model) {
  const kind = licenceClass[model.licence_class];
  const state = model.present ? (model.good ? "good" : model.state) : "its disk is away";
  return el(
    "div",
    { class: "badges" },
    el("span", { class: `badge ${model.present && model.good ? "fine" : "bad"}` }, state),
    el("span", { class: `badge ${kind === "open" ? "fine" : kind === "restricted" ? "warn" : ""}` }, model.licence ? `${model.licence}, ${kind}` : "licence unknown"),
    model.pinned ? el("span", { class: "badge" }, "pinned") : null,
    model.loaded ? el("span", { class: "badge" }, model.busy ? "answering" : "in memory") : null,
    model.library === "home" ? null : el("span", { class: "badge" }, model.library),
  );
}

function buttons(model, works, said) {
  if (!model.present) return [];
  const button = (face, label, act) =>
    el("button", { type: "button", class: "small", "aria-label": `${label} ${model.name}`, onclick: () => doing(said, act) }, icon(face), label);
  return [
    button("pin", model.pinned ? "Unpin" : "Pin", () => pin(model)),
    button("shield", "Verify", () => verify(model, works, said)),
    button("wrench", "Repair", () => repair(model, works, said)),
    button("bin", "Remove", () => remove(model)),
    model.runs ? el("a", { class: "look", href: `/study?model=${encodeURIComponent(model.name)}`, "aria-label": `Look inside ${model.name}` }, "Look inside") : null,
  ];
}

/** Do something, and say beside it what went wrong. */
async function doing(said, act) {
  said.textContent = "";
  said.className = "said";
  try {
    await act();
  } catch (error) {
    tell(said, error.whole ?? error.message, "trouble");
  }
  await refresh();
}

function tell(said, text, kind = "fine") {
  said.textContent = text;
  said.className = `said ${kind}`;
  announce(text);
}

const pin = (model) => postJson("/page/models/pin", { model: model.id, pinned: !model.pinned });

async function verify(model, works, said) {
  const found = await work(works, `Verifying ${model.name}`, "/page/models/verify", { model: model.id });
  if (found) tell(said, found.words, found.good ? "fine" : "trouble");
}

async function repair(model, works, said) {
  const plan = await work(works, `Looking at ${model.name}`, "/page/models/repair", { model: model.id });
  if (!plan) return;
  if (!plan.damaged) return tell(said, "Every byte is what was proven. There is nothing to repair.");
  const table = plan.rows.map((one) => el("li", {}, `${one.file}, ${one.what}: from ${one.from}${one.fetch_bytes ? ` (${size(one.fetch_bytes)} to fetch)` : ""}`));
  const body = [el("ul", { class: "plan" }, table), plan.remarks.map((words) => el("p", { class: "quiet" }, words))].flat();
  if (!plan.possible && plan.rows.every((one) => one.from === "nowhere")) {
    await choose(`${model.name} cannot be mended now`, body, [["", "Close"]]);
    return tell(said, "Good bytes could be had nowhere.", "trouble");
  }
  if ((await choose(`Repair ${model.name} so?`, body, [["", "Cancel"], ["yes", "Repair", "main"]])) !== "yes") return;
  const done = await work(works, `Repairing ${model.name}`, "/page/models/repair", { model: model.id, agreed: true });
  if (done) tell(said, `${model.name} is whole again, every byte proven.`);
}

async function remove(model) {
  const text = `${size(model.bytes)} are freed. To have it again it must be fetched again.`;
  if (!(await confirm(`Remove ${model.name}?`, text, "Remove"))) return;
  const gone = await postJson("/page/models/remove", { model: model.id });
  announce(`${gone.name} is gone, ${size(gone.freed_bytes)} freed.`);
  byId("ref").focus();
}

byId("get").addEventListener("submit", async (event) => {
  event.preventDefault();
  const ref = byId("ref").value.trim();
  byId("trouble").textContent = "";
  byId("ref").value = "";
  try {
    const got = await work(byId("getting"), `Getting ${ref}`, "/page/models/get", { ref });
    if (got) announce(got.was_owned ? `${got.name} is yours already.` : `${got.name} is yours.`);
  } catch (error) {
    byId("trouble").textContent = error.whole ?? error.message;
    byId("ref").value = ref;
  }
  await refresh();
});

const asked = new URLSearchParams(location.search).get("ref");
if (asked) byId("ref").value = asked;
try {
  await refresh();
} catch (error) {
  byId("trouble").textContent = error.whole ?? error.message;
}
document.body.dataset.ready = "yes";
