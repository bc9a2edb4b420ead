// Conversations, kept in this browser and nowhere else.

const NAME = "freehold";
const TABLE = "conversations";

function open() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

let opened = null;

async function work(mode, act) {
  opened ??= open();
  const transaction = (await opened).transaction(TABLE, mode);
  const request = act(transaction.objectStore(TABLE));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });
}

export const keep = (conversation) => work("readwrite", (table) => table.put(conversation));
export const find = (id) => work("readonly", (table) => table.get(id));
export const drop = (id) => work("readwrite", (table) => table.delete(id));
export const dropAll = () => work("readwrite", (table) => table.clear());

/** All of them, the one last spoken in first. */
export async function list() {
  const found = await work("readonly", (table) => table.getAll());
  return found.sort((a, b) => b.updated - a.updated);
}

export function fresh(model = "", system = "") {
  const now = Date.now();
  return { id: newId(), title: "", created: now, updated: now, model, system, turns: [] };
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The same up to a turn, under a new id: the old one stays as it is. */
export const branch = (conversation, count) => ({
  ...structuredClone(conversation),
  id: newId(),
  title: `${titleOf(conversation)} (again)`,
  turns: structuredClone(conversation.turns.slice(0, count)),
});

export function titleOf(conversation) {
  if (conversation.title) return conversation.title;
  const said = conversation.turns.find((turn) => turn.role === "user");
  const text = (said?.content ?? "").replace(/\s+/g, " ").trim();
  if (!text) return said ? "Attachments" : "New conversation";
  return text.length > 60 ? `${text.slice(0, 58).trimEnd()}…` : text;
}

export const fileName = (conversation) =>
  titleOf(conversation).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 50) || "conversation";

export const asJson = (conversation) => JSON.stringify({ freehold: "conversation", version: 1, ...conversation }, null, 2);

export function asMarkdown(conversation) {
  const parts = [`# ${titleOf(conversation)}`];
  if (conversation.system) parts.push("## System prompt", conversation.system);
  for (const turn of conversation.turns) {
    parts.push(turn.role === "user" ? "## You" : `## ${turn.model ?? "Model"}`);
    for (const file of turn.files ?? []) parts.push(`**${file.name}**`, fenced(file.text));
    for (const image of turn.images ?? []) parts.push(`*Picture: ${image.name}*`);
    parts.push(turn.content);
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** A text between fences longer than any in it. */
export function fenced(text) {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map((found) => found[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}
