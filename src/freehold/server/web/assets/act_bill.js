// The reader of bills: the text with its clauses marked in place, and why each is marked.
import { ask } from "./api.js";
import { announce, byId, el } from "./dom.js";

const MARKS = { "restricts-tool": "R", use: "U", protects: "P" };
let report = null;

/** A file as the server takes it. */
async function packed(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let words = "";
  for (let at = 0; at < bytes.length; at += 0x8000) words += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name, data: btoa(words) };
}

async function read() {
  byId("trouble").textContent = "";
  const pasted = byId("pasted").value;
  const file = byId("file").files[0] ?? (pasted.trim() ? new File([pasted], "pasted.txt") : null);
  if (!file) return (byId("trouble").textContent = "Choose a file, or paste a text.");
  const older = byId("older").files[0];
  try {
    const body = { ...(await packed(file)), older: older ? await packed(older) : null };
    report = await (await ask("POST", "/page/act/bill", body)).json();
    show();
  } catch (error) {
    byId("report").hidden = true;
    byId("trouble").textContent = error.whole ?? error.message;
  }
  document.body.dataset.read = String(Number(document.body.dataset.read ?? 0) + 1);
}

function show() {
  byId("report").hidden = false;
  byId("bill-title").textContent = report.heading;
  byId("verdict").textContent = report.verdict;
  byId("verdict").className = `verdict ${report.red_lines ? "bad" : "fine"}`;
  byId("odd").replaceChildren(...report.notes.map((note) => el("li", {}, note)));
  byId("findings").replaceChildren(...report.findings.map(entry));
  byId("sections").replaceChildren(...report.sections.map((section) => el("li", { class: `level-${Math.min(3, section.level)}` }, jump(section.start, `${section.path} ${section.heading}`.trim()))));
  byId("text").replaceChildren(...marked());
  const changes = report.comparison;
  byId("changes").hidden = !changes;
  if (changes) byId("changed").replaceChildren(...(changes.length ? changes.map((change) => el("li", {}, el("b", {}, `${change.words}: `), change.path, " ", el("q", {}, change.quote))) : [el("li", {}, "No red line came or went.")]));
  announce(report.verdict);
}

function jump(at, words) {
  return el("a", { href: `#at-${at}`, onclick: (event) => (event.preventDefault(), go(at)) }, words);
}

function go(at) {
  const place = [...byId("text").querySelectorAll("[data-at]")].findLast((each) => Number(each.dataset.at) <= at);
  place?.scrollIntoView({ block: "start" });
  place?.focus({ preventScroll: true });
}

function entry(finding, index) {
  return el(
    "li",
    { class: `finding f-${finding.label}` },
    el("p", {}, mark(finding.label), " ", jump(finding.start, finding.path), ` · ${finding.words}`),
    el("blockquote", {}, finding.above.map((words) => el("span", { class: "quiet" }, `${words} … `)), finding.quote),
    finding.who ? el("p", { class: "quiet" }, `Who: “${finding.who}”`) : null,
    finding.definition ? el("p", { class: "quiet" }, "Defined: ", el("q", {}, finding.definition)) : null,
    [...finding.thresholds, ...finding.lifts].map((words) => el("p", { class: "quiet" }, words)),
    el("p", { class: "quiet" }, finding.because, finding.decided_by === "rules" ? "" : ` (decided by ${finding.decided_by})`),
    finding.label === "use" ? null : el("button", { type: "button", class: "small", "aria-label": `Use finding ${index + 1} in a script`, onclick: () => use(finding) }, "Use it in a script"),
  );
}

const mark = (label) => el("span", { class: `mark m-${label}`, title: label }, MARKS[label]);

/** The text, with an anchor at each section and a mark around each finding. */
function marked() {
  const cuts = new Set([0, report.text.length]);
  for (const section of report.sections) cuts.add(section.start);
  for (const finding of report.findings) cuts.add(finding.start).add(finding.end);
  const at = [...cuts].sort((a, b) => a - b);
  const starts = new Set(report.sections.map((section) => section.start));
  return at.slice(0, -1).map((start, index) => {
    const words = report.text.slice(start, at[index + 1]);
    const finding = report.findings.find((each) => each.start <= start && start < each.end);
    const anchor = starts.has(start) || finding?.start === start;
    const props = anchor ? { "data-at": start, tabindex: -1 } : {};
    if (!finding) return el("span", props, words);
    return el("mark", { ...props, class: `m-${finding.label}`, title: finding.because }, finding.start === start ? mark(finding.label) : null, words);
  });
}

/** Hand the clause to the script; it is kept as long as this tab is open. */
function use(finding) {
  const quote = [...finding.above, finding.quote].join(" … ");
  const clause = { number: report.number, path: finding.path, quote, label: finding.label, red_line: finding.red_line };
  sessionStorage.setItem("freehold-clause", JSON.stringify(clause));
  location.assign("/act");
}

byId("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  read();
});
document.body.dataset.ready = "yes";
