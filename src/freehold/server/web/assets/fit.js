// What this machine can run, filtered here: the server was asked once.
import { getJson } from "./api.js";
import { byId, el } from "./dom.js";
import { count, licenceClass, rate, size } from "./words.js";

const FITTING = ["fits", "fits, but slowly", "fits when memory is freed"];
const PLACES = { here: "fine", "partly here": "warn", elsewhere: "bad" };
let found = null;

function showDevice({ device }) {
  const words = [
    device.processor,
    device.cores ? count(device.cores, "core") : "",
    device.memory_bytes ? `${size(device.memory_bytes)} of memory` : "",
    device.free_bytes ? `${size(device.free_bytes)} free now` : "",
    ...device.gpus,
  ];
  byId("device").textContent = words.filter(Boolean).join(", ");
  const when = device.calibrated_at ? ` on ${device.calibrated_at.slice(0, 10)}` : "";
  byId("basis").textContent = device.speed_stands_on
    ? `Calibrated${when}: speed is predicted from what was measured here, and nine of ten runs should lie in the band. Memory is for a context of ${device.context_tokens.toLocaleString("en")} tokens.`
    : "Not calibrated: speed is not predicted until this machine was measured. In a terminal, freehold device --calibrate takes about half a minute.";
  byId("speed").disabled = !device.speed_stands_on;
}

function showTasks({ tasks }) {
  byId("tasks").replaceChildren(
    ...tasks.map((one) => {
      const [answer, ...rest] = one.words.split(":");
      return el(
        "li",
        {},
        el("span", { class: "task" }, one.task),
        el("span", {}, el("strong", { class: PLACES[one.place] ?? "" }, answer), rest.length ? `:${rest.join(":")}` : ""),
      );
    }),
  );
  byId("task").append(...tasks.map((one) => el("option", { value: one.task }, one.task)));
}

function wanted(model) {
  const { task, licence, speed, all } = Object.fromEntries(["task", "licence", "speed", "all"].map((id) => [id, byId(id)]));
  if (task.value && !model.tasks.includes(task.value)) return false;
  if (licence.value && model.licence_class !== licence.value) return false;
  if (Number(speed.value) && !(model.rate && model.rate[1] >= Number(speed.value))) return false;
  if (all.checked) return true;
  return FITTING.includes(model.verdict) && (model.short || task.value !== "" || model.owned);
}

function showModels() {
  const models = found.models.filter(wanted);
  byId("count").textContent = `${count(models.length, "model")} of ${found.models.length.toLocaleString("en")} judged`;
  const usable = found.device.usable_bytes;
  byId("models").replaceChildren(...models.map((model) => row(model, usable)));
}

function row(model, usable) {
  const kind = licenceClass[model.licence_class];
  const mark = model.verdict === "fits" ? "fine" : FITTING.includes(model.verdict) ? "warn" : model.verdict === "unknown" ? "" : "bad";
  const share = model.bytes && usable ? Math.min(1, model.bytes / usable) : 0;
  const meter = share ? el("meter", { value: share, max: 1, low: 0.7, high: 0.99, optimum: 0, "aria-label": "Share of the memory that is counted on" }) : null;
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("span", { class: "name" }, model.name), model.owned ? el("span", { class: "yours" }, "yours") : null, el("span", { class: "quiet" }, model.quantization ?? "")),
    el("td", { class: "number" }, model.bytes ? size(model.bytes) : "", meter),
    el("td", { class: "number" }, model.rate ? el("span", {}, rate(model.rate[1])) : "", model.rate ? el("span", { class: "quiet" }, `${rate(model.rate[0])} to ${rate(model.rate[2])}`) : null),
    el("td", {}, model.licence ?? "unknown", model.licence ? el("span", { class: "quiet" }, kind) : null),
    el("td", {}, el("span", { class: mark }, model.words), getting(model)),
  );
}

function getting(model) {
  if (model.owned || !model.ref || !FITTING.includes(model.verdict)) return null;
  return el("a", { class: "get", href: `/library?ref=${encodeURIComponent(model.ref)}`, "aria-label": `Get ${model.name}` }, "Get it");
}

byId("filters").addEventListener("change", showModels);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
try {
  found = await getJson("/page/fit");
  showDevice(found);
  showTasks(found);
  showModels();
} catch (error) {
  byId("device").textContent = "";
  byId("trouble").textContent = error.whole ?? error.message;
}
document.body.dataset.ready = "yes";
