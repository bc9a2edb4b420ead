// The study page: one prompt, run once, looked at in three ways.
import { Trouble, ask } from "./api.js";
import { byId } from "./dom.js";
import { ModelChooser } from "./models.js";
import { AttentionView } from "./study_attention.js";
import { LensView } from "./study_lens.js";
import { Probabilities } from "./study_probabilities.js";
import { count } from "./words.js";

const PAUSE = 350; // ms after the last key
const VIEWS = ["probabilities", "lens", "attention"];

const chooser = new ModelChooser(byId("model"), () => look());
const views = { probabilities: new Probabilities(), lens: new LensView(about, failed), attention: new AttentionView(about, failed) };
const shown = new Map(); // which run each view shows
let run = null;
let chosen = "probabilities";
let under = new AbortController(); // what is asked for now
let pause = 0;

const post = async (path, body) => (await ask("POST", path, body, under.signal)).json();

/** Ask about the run that is shown; one that the server no longer keeps is run anew. */
async function about(what, body) {
  try {
    return await post(`/page/study/${what}`, { model: run.model, run: run.run, ...body });
  } catch (error) {
    if (error.status === 404) setTimeout(look);
    throw error;
  }
}

/** Run the prompt. What was under way is given up, here and on the server. */
async function look() {
  clearTimeout(pause);
  under.abort();
  under = new AbortController();
  const { signal } = under;
  const model = chooser.name;
  if (!model || !byId("prompt").value) return;
  byId("trouble").textContent = "";
  byId("state").textContent = "Looking…";
  const began = performance.now();
  try {
    const found = await post("/page/study/look", { model, prompt: byId("prompt").value, chat: byId("chat").checked });
    run = { ...found, model };
    byId("views").hidden = false;
    await show();
    const took = ((performance.now() - began) / 1000).toFixed(1);
    byId("state").textContent = `${count(run.ids.length, "token")}, ${count(run.layers, "layer")}, ${took} s`;
  } catch (error) {
    failed(error);
  }
  if (!signal.aborted) document.body.dataset.looked = String(Number(document.body.dataset.looked ?? 0) + 1);
}

/** Fill the view that is chosen, if it shows another run. */
async function show() {
  for (const name of VIEWS) {
    byId(name).hidden = name !== chosen;
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === chosen));
    tab.tabIndex = name === chosen ? 0 : -1;
  }
  if (!run || shown.get(chosen) === run) return;
  shown.set(chosen, run);
  try {
    await views[chosen].show(run);
  } catch (error) {
    shown.delete(chosen);
    throw error;
  }
}

/** What went wrong in a view; nothing did where it was given up. */
function failed(error) {
  if (error.name !== "AbortError") say(error);
}

function say(error) {
  byId("state").textContent = "";
  byId("trouble").textContent = error instanceof Trouble ? error.whole : String(error);
}

async function choose(name) {
  chosen = name;
  await show().catch(failed);
}

for (const [at, name] of VIEWS.entries()) {
  const tab = byId(`tab-${name}`);
  tab.addEventListener("click", () => choose(name));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = VIEWS[(at + step + VIEWS.length) % VIEWS.length];
    byId(`tab-${next}`).focus();
    choose(next);
  });
}
byId("looking").addEventListener("submit", (event) => event.preventDefault());
byId("prompt").addEventListener("input", () => {
  clearTimeout(pause);
  under.abort();
  byId("state").textContent = "";
  pause = setTimeout(look, PAUSE);
});
byId("chat").addEventListener("change", look);
try {
  await chooser.refresh();
  const asked = new URLSearchParams(location.search);
  chooser.choose(asked.get("model"));
  byId("prompt").value = asked.get("prompt") ?? byId("prompt").value;
  if (!chooser.name) byId("state").textContent = "Get a model first: the library has one.";
  await look();
} catch (error) {
  say(error);
}
document.body.dataset.ready = "yes";
