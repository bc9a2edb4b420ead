// The chat page: one conversation at a time, asked of one owned model.
import { Trouble } from "./api.js";
import { answer } from "./asking.js";
import { Attachments } from "./attachments.js";
import { ConversationList } from "./chat_list.js";
import * as kept from "./conversations.js";
import { confirm, choose, line } from "./dialogs.js";
import { announce, byId, el, save } from "./dom.js";
import { ModelChooser } from "./models.js";
import { TurnView } from "./turns.js";

const REDRAW = 60; // milliseconds between two drawings of an answer that grows
const KEEP = 1000; // and between two times that it is written down

let conversation = kept.fresh();
let views = [];
let under_way = null;

const message = byId("message");
const scroll = byId("scroll");
const trouble = (text) => (byId("notice").textContent = text);
const chooser = new ModelChooser(byId("model"), () => {
  conversation.model = chooser.name;
});
const attachments = new Attachments(byId("attached"), trouble, () => chooser.current?.sees ?? false);
const list = new ConversationList({ open: (id) => leave(id), current: () => conversation.id });

// ------------------------------------------------------------------ showing

function show() {
  byId("title").textContent = kept.titleOf(conversation);
  document.title = `${kept.titleOf(conversation)} · Freehold`;
  byId("system").value = conversation.system;
  showSystemHint();
  views = conversation.turns.map((turn) => new TurnView(turn, { edit, retry }));
  byId("turns").replaceChildren(...views.map((view) => view.box));
  showEmpty();
  scroll.scrollTop = scroll.scrollHeight;
}

function showSystemHint() {
  const text = conversation.system.replace(/\s+/g, " ").trim();
  byId("system-hint").textContent = text ? `: ${text}` : "";
}

function showEmpty() {
  const place = byId("empty");
  const bare = !conversation.turns.length;
  place.hidden = !bare;
  document.querySelector(".chat").classList.toggle("bare-chat", bare);
  for (const id of ["rename", "export", "delete"]) byId(id).disabled = bare;
  if (!bare) return;
  if (chooser.models.length) {
    place.replaceChildren(
      el("p", { class: "lead" }, "What would you like to know?"),
      el("p", { class: "quiet" }, "A model of yours answers, on this machine."),
    );
  } else {
    place.replaceChildren(
      el("p", { class: "lead" }, "You own no model yet."),
      el("p", {}, el("a", { href: "/library" }, "Get one in the library"), ". It takes a minute or two, and then it is yours."),
    );
  }
}

/** Stay at the end while an answer grows, unless the reader has gone up. */
function following() {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
}

function working(on) {
  byId("send").hidden = on;
  byId("stop").hidden = !on;
}

// ------------------------------------------------------------------ speaking

async function send() {
  const text = message.value.trim();
  if (under_way || (!text && attachments.empty)) return;
  trouble("");
  if (!chooser.name) return trouble("There is no model to ask. Get one in the library first.");
  const turn = { role: "user", content: text, ...attachments.take() };
  message.value = "";
  grow();
  conversation.turns.push(turn);
  add(turn);
  scroll.scrollTop = scroll.scrollHeight;
  await reply();
}

function add(turn) {
  const view = new TurnView(turn, { edit, retry });
  views.push(view);
  byId("turns").append(view.box);
  showEmpty();
  return view;
}

/** Have the model answer what was said last. */
async function reply() {
  const asked = conversation;
  asked.model = chooser.name;
  const turn = { role: "assistant", content: "", model: chooser.name, ended: "broken" };
  turn.waiting = chooser.current?.loaded ? "Reading…" : `Loading ${chooser.name}…`;
  const view = add(turn);
  asked.turns.push(turn);
  const stopper = new AbortController();
  under_way = stopper;
  working(true);
  view.show(true);
  await remember(asked);
  let drawn = 0;
  let written = performance.now();
  const grew = () => {
    const now = performance.now();
    if (now - drawn > REDRAW) {
      const follow = following();
      drawn = now;
      if (conversation === asked) view.show(true);
      if (follow) scroll.scrollTop = scroll.scrollHeight;
    }
    if (now - written > KEEP) {
      written = now;
      kept.keep(asked);
    }
  };
  try {
    await answer({ ...asked, turns: asked.turns.slice(0, -1) }, turn.model, turn, stopper.signal, grew);
  } catch (error) {
    ended(turn, error);
  }
  delete turn.waiting;
  try {
    await remember(asked); // before it looks done: whoever reloads then has it
  } finally {
    under_way = null;
    working(false);
    const follow = following();
    view.show();
    if (follow) scroll.scrollTop = scroll.scrollHeight;
    announce(turn.trouble ?? `${turn.model} says: ${turn.content}`);
  }
  await chooser.refresh();
}

function ended(turn, error) {
  if (error.name === "AbortError") {
    turn.ended = "stopped";
    return;
  }
  turn.ended = "error";
  turn.trouble = error instanceof Trouble ? error.whole : `The answer broke off: ${error.message}`;
}

function stop() {
  under_way?.abort();
}

/** Another answer from this turn on. What would be lost stays behind as a conversation. */
async function retry(turn) {
  if (under_way) return;
  const at = conversation.turns.indexOf(turn);
  await cut(turn.role === "user" ? at + 1 : at);
  await reply();
}

async function edit(turn, text) {
  if (under_way) return;
  const at = conversation.turns.indexOf(turn);
  if (turn.role === "assistant") {
    Object.assign(turn, { content: text, figures: undefined });
    views[at].show();
    await remember(conversation);
    return;
  }
  await cut(at + 1);
  conversation.turns[at].content = text;
  show();
  await reply();
}

/** Keep the first `count` turns; go on in a copy where more than one answer would be lost. */
async function cut(count) {
  if (conversation.turns.length - count > 1) {
    conversation = kept.branch(conversation, count);
    history.replaceState(null, "", `#${conversation.id}`);
  } else {
    conversation.turns.length = count;
  }
  show();
}

// ------------------------------------------------------------------ keeping

async function remember(one) {
  one.updated = Date.now();
  await kept.keep(one);
  if (one === conversation && location.hash.slice(1) !== one.id) history.replaceState(null, "", `#${one.id}`);
  if (one === conversation) byId("title").textContent = kept.titleOf(one);
  await list.refresh();
}

async function go(id) {
  stop();
  const found = id ? await kept.find(id) : null;
  conversation = found ?? kept.fresh(chooser.name);
  if (found) chooser.choose(found.model);
  history.replaceState(null, "", found ? `#${found.id}` : location.pathname);
  trouble("");
  show();
  await list.refresh();
  if (matchMedia("(hover: hover)").matches) message.focus(); // else a keyboard covers half the page
}

/** Go to another conversation from the list, which on a phone is in front of it. */
async function leave(id) {
  list.toggle(false);
  await go(id);
}

async function rename() {
  const title = await line("What shall it be called?", kept.titleOf(conversation), "Rename");
  if (title === null) return;
  conversation.title = title;
  await remember(conversation);
}

async function remove() {
  const name = kept.titleOf(conversation);
  if (!(await confirm("Delete this conversation?", `“${name}” is kept nowhere else.`, "Delete"))) return;
  stop();
  await kept.drop(conversation.id);
  await go("");
}

async function take() {
  const how = await choose("Export this conversation", el("p", {}, "Markdown reads well; JSON has everything, figures too."), [
    ["", "Cancel"],
    ["json", "JSON"],
    ["md", "Markdown", "main"],
  ]);
  const name = kept.fileName(conversation);
  if (how === "md") save(`${name}.md`, "text/markdown", kept.asMarkdown(conversation));
  if (how === "json") save(`${name}.json`, "application/json", kept.asJson(conversation));
}

// ------------------------------------------------------------------ hands

function grow() {
  message.style.height = "auto";
  message.style.height = `${Math.min(message.scrollHeight, innerHeight * 0.4)}px`;
}

message.addEventListener("input", grow);
message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("ask").open) {
    if (under_way) stop();
    else list.toggle(false);
  }
});
message.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) {
    event.preventDefault();
    attachments.add(event.clipboardData.files);
  }
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  attachments.add(event.dataTransfer.files);
});
addEventListener("hashchange", () => go(location.hash.slice(1)));
byId("composer").addEventListener("submit", (event) => (event.preventDefault(), send()));
byId("stop").addEventListener("click", () => (stop(), message.focus()));
byId("attach").addEventListener("click", () => byId("files").click());
byId("files").addEventListener("change", async (event) => {
  await attachments.add(event.target.files);
  event.target.value = "";
  message.focus();
});
byId("new").addEventListener("click", () => leave(""));
byId("rename").addEventListener("click", rename);
byId("export").addEventListener("click", take);
byId("delete").addEventListener("click", remove);
byId("system").addEventListener("change", (event) => {
  conversation.system = event.target.value;
  showSystemHint();
  if (conversation.turns.length) remember(conversation);
});

try {
  await chooser.refresh();
} catch (error) {
  trouble(error.whole ?? error.message);
}
await go(location.hash.slice(1));
document.body.dataset.ready = "yes";
