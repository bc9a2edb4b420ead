// What the server is and keeps, and who may come in.
import { getJson, postJson } from "./api.js";
import { dropAll } from "./conversations.js";
import { confirm } from "./dialogs.js";
import { announce, byId, copy, el } from "./dom.js";
import { count, size } from "./words.js";

let server = null;

async function refresh() {
  server = await getJson("/page/server");
  showServer();
  const kept = server.conversations;
  byId("kept-size").textContent = kept ? `${size(kept.bytes)} of ${size(kept.most_bytes)} at most` : "nothing is kept on disk";
  if (server.may_manage) showKeys((await getJson("/page/keys")).keys);
  else byId("keys-words").textContent = "Your key may ask models; to manage keys takes one that may manage.";
  byId("add").hidden = !server.may_manage;
  byId("forget").disabled = !server.may_manage;
}

function showServer() {
  const rows = [
    ["Version", `Freehold ${server.version}`],
    ["Open at", server.addresses.map((one) => el("code", {}, one))],
    ["For programs", el("code", {}, `${server.addresses[0]}/v1`)],
    ["Models in memory", memory(server.models)],
    ["Unloaded when unused for", server.idle_seconds ? count(Math.round(server.idle_seconds / 60), "minute") : "never for that"],
  ];
  if (server.key) rows.push(["You are", `${server.key.name} (${server.key.scopes.join(", ")})`]);
  byId("server").replaceChildren(...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  if (server.key) {
    const out = el("button", { type: "button", class: "small", onclick: logOut }, "Log out");
    byId("server").lastChild.lastChild.append(out);
  }
}

function memory(models) {
  if (!models.length) return "none now";
  return models.map((one) =>
    el("div", {}, one.loading ? `${one.name}, loading` : `${one.name}: ${size(one.bytes)}, ${count(one.parallel, "place")} of ${one.context.toLocaleString("en")} tokens${one.pinned ? ", pinned" : ""}`),
  );
}

function showKeys(keys) {
  byId("keys-words").textContent = keys.length
    ? "Whoever has one of these may come in. Secrets are not kept, only their hashes."
    : "There is none, and on this machine none is needed. As soon as there is one, everybody needs one; this browser is let in with the first that you make here.";
  byId("keys").replaceChildren(
    ...keys.map((key) =>
      el(
        "li",
        {},
        el("strong", {}, key.name),
        el("span", { class: "quiet" }, `may ${key.scopes.join(" and ")}, made ${key.created.slice(0, 10)}`),
        el("button", { type: "button", class: "small", "aria-label": `Remove the key ${key.name}`, onclick: () => doing(() => remove(key)) }, "Remove"),
      ),
    ),
  );
}

async function remove(key) {
  const mine = server.key?.id === key.id ? " It is the one that this browser uses." : "";
  if (!(await confirm(`Remove the key “${key.name}”?`, `Whoever has it is out at once.${mine}`, "Remove"))) return;
  await postJson("/page/keys/remove", { name: key.id });
  announce(`The key ${key.name} is gone.`);
}

async function add() {
  const made = await postJson("/page/keys/add", { name: byId("name").value, scope: byId("scope").value });
  byId("name").value = "";
  const secret = el("code", { tabindex: "0" }, made.secret);
  const take = el("button", { type: "button", class: "small", onclick: async () => (await copy(made.secret)) && (take.textContent = "Copied") }, "Copy");
  byId("secret").replaceChildren(el("p", {}, `The key for ${made.name}. It is shown this once:`), el("div", {}, secret, take));
  byId("secret").hidden = false;
  secret.focus();
  announce(`A key for ${made.name} was made. It is shown this once.`);
}

async function logOut() {
  await postJson("/page/logout");
  location.assign("/login");
}

/** Do something, say what went wrong, and show how things are then. */
async function doing(act) {
  byId("trouble").textContent = "";
  try {
    await act();
    await refresh();
  } catch (error) {
    byId("trouble").textContent = error.whole ?? error.message;
  }
}

byId("add").addEventListener("submit", (event) => (event.preventDefault(), doing(add)));
byId("forget").addEventListener("click", () =>
  doing(async () => {
    const text = "Every conversation is read anew when it goes on. Models that nobody uses now are unloaded.";
    if (!(await confirm("Forget what models have read?", text, "Forget"))) return;
    await postJson("/page/conversations/forget");
    announce("Forgotten.");
  }),
);
byId("drop").addEventListener("click", () =>
  doing(async () => {
    if (!(await confirm("Delete all conversations in this browser?", "They are kept nowhere else.", "Delete all"))) return;
    await dropAll();
    announce("All conversations are deleted.");
  }),
);
for (const choice of document.querySelectorAll("[name=look]")) {
  const show = () => (choice.checked = choice.value === window.freeholdTheme.kept());
  choice.addEventListener("change", () => window.freeholdTheme.choose(choice.value));
  addEventListener("theme", show);
  show();
}
await doing(async () => {});
document.body.dataset.ready = "yes";
