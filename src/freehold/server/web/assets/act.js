// The act page: a place, its people, what to say, what came of it.
import { getJson, postJson } from "./api.js";
import { announce, byId, el } from "./dom.js";
import { Log } from "./act_log.js";
import { DistrictMap } from "./act_map.js";
import { showPeople } from "./act_people.js";
import { Script } from "./act_script.js";
import { size } from "./words.js";

const script = new Script(failed);
const log = new Log(() => script.member, failed);
const map = new DistrictMap(byId("map"), (lat, lon) => find({ lat, lon }), (name) => (byId("map-state-of").textContent = name));
let states = [];
let drawing = 0; // which outlines were asked for last

function failed(error) {
  byId("trouble").textContent = error.whole ?? error.message;
}

/** Who represents a place. It travels in the body of a request to this machine's own server. */
async function find(place) {
  byId("trouble").textContent = "";
  try {
    const answer = await postJson("/page/act/find", place);
    const members = answer.candidates.flatMap((candidate) => candidate.members);
    showPeople(answer, (member) => write(members, member));
    announce(`${members.length} people found.`);
    byId("people").scrollIntoView({ block: "start" });
    byId("log-form").hidden = !members.length;
    if (members.length) await script.about(members);
  } catch (error) {
    failed(error);
  }
  document.body.dataset.found = String(Number(document.body.dataset.found ?? 0) + 1);
}

async function write(members, member) {
  await script.about(members, member);
  byId("say").scrollIntoView({ block: "start" });
  byId("words").focus({ preventScroll: true });
}

/** What was typed: a ZIP code, or two numbers. */
function placeOf(text) {
  const pair = text.trim().match(/^([-+]?\d+(?:\.\d+)?)\s*[,;\s]\s*([-+]?\d+(?:\.\d+)?)$/);
  return pair ? { lat: Number(pair[1]), lon: Number(pair[2]) } : { zip: text.trim() };
}

async function draw() {
  const state = states.find((each) => each.state === byId("map-state").value);
  if (!state) return;
  const chamber = byId("map-chamber");
  const before = chamber.value;
  chamber.replaceChildren(...state.chambers.map((each) => el("option", { value: each.id }, each.label)));
  if (state.chambers.some((each) => each.id === before)) chamber.value = before;
  const wanted = `${state.state} ${chamber.value}`;
  if (document.body.dataset.drawn === wanted) return;
  const turn = ++drawing;
  try {
    const { districts } = await postJson("/page/act/outlines", { state: state.state, chamber: chamber.value });
    if (turn !== drawing) return; // another was chosen meanwhile
    map.show(districts);
    byId("map-state-of").textContent = `${districts.length} districts. Choose a point: a click, or the arrow keys and Enter.`;
    document.body.dataset.drawn = wanted;
  } catch (error) {
    failed(error);
  }
}

/** What is here, or what must be fetched first; nothing is fetched from this page. */
async function begin() {
  const told = await getJson("/page/act");
  states = told.states;
  script.offer(told.asks, told.forms);
  byId("map-state").replaceChildren(...states.map((each) => el("option", { value: each.state }, each.name)));
  byId("map-box").hidden = !states.length;
  if (told.missing) {
    byId("missing").hidden = false;
    byId("missing").replaceChildren(
      el("h2", {}, "The public data is not here yet"),
      el("p", {}, told.missing.words),
      el("ul", { class: "plain" }, told.missing.files.map((file) => el("li", {}, `${file.title}${file.bytes ? `, about ${size(file.bytes)}` : ""}`))),
      el("p", {}, "In a terminal: ", el("code", {}, told.missing.command)),
    );
    byId("where").hidden = true;
  }
  await log.show();
}

byId("place-form").addEventListener("submit", (event) => {
  event.preventDefault();
  find(placeOf(byId("place").value));
});
byId("map-box").addEventListener("toggle", () => byId("map-box").open && draw());
byId("map-state").addEventListener("change", draw);
byId("map-chamber").addEventListener("change", draw);

try {
  await begin();
  const wanted = location.hash.match(/^#map(?:-([A-Z]{2}))?$/);
  if (wanted) {
    if (wanted[1]) byId("map-state").value = wanted[1];
    byId("map-box").open = true;
  }
} catch (error) {
  failed(error);
}
document.body.dataset.ready = "yes";
