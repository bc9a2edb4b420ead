// What a model writes, as a document: built node by node, so that whatever it says stays text.
// It knows the Markdown that models use, not all that there is; pictures become links, since
// nothing is ever fetched because a model said so.
import { copy, el, icon } from "./dom.js";

/** A view of a text that grows: only blocks that changed are built again. */
export class Growing {
  constructor(place) {
    this.place = place;
    this.sources = [];
  }
  show(text) {
    const fresh = blocks(text);
    let same = 0;
    while (same < fresh.length && fresh[same] === this.sources[same]) same += 1;
    while (this.place.childNodes.length > same) this.place.lastChild.remove();
    for (const source of fresh.slice(same)) this.place.append(block(source.split("\n")));
    this.sources = fresh;
  }
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +(.*)$/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const HEADING = /^ {0,3}(#{1,6}) +(.*?) *#*$/;
const DIVIDER = /^ {0,3}\|?[ :|-]*-[ :|-]*$/;

/** The text cut into blocks that don't depend on each other. */
export function blocks(text) {
  const found = [];
  let current = [];
  let fence = null;
  const end = () => {
    if (current.length) found.push(current.join("\n"));
    current = [];
  };
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence) {
      current.push(line);
      if (mark?.startsWith(fence) && line.trim() === mark) {
        fence = null;
        end();
      }
    } else if (mark && !insideList(current)) {
      end();
      fence = mark;
      current.push(line);
    } else if (!line.trim()) {
      if (insideList(current)) current.push("");
      else end();
    } else if (HEADING.test(line) || (RULE.test(line) && !current.length)) {
      end();
      current.push(line);
      end();
    } else {
      if (current.at(-1) === "" && !ITEM.test(line) && !line.startsWith(" ")) end();
      if (current.length && !insideList(current) && ITEM.test(line)) end();
      current.push(line);
    }
  }
  end();
  return found;
}

const insideList = (lines) => lines.length > 0 && ITEM.test(lines[0]) && !RULE.test(lines[0]);

function block(lines) {
  const fence = FENCE.exec(lines[0]);
  if (fence) return code(lines, fence);
  const heading = HEADING.exec(lines[0]);
  if (heading) return el(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2]));
  if (RULE.test(lines[0])) return el("hr");
  if (ITEM.test(lines[0])) return list(lines);
  if (lines[0].startsWith(">")) {
    const inner = lines.map((line) => line.replace(/^> ?/, "")).join("\n");
    return el("blockquote", {}, all(inner));
  }
  if (lines.length > 1 && lines[0].includes("|") && DIVIDER.test(lines[1])) return table(lines);
  return el("p", {}, inline(lines.join("\n")));
}

const all = (text) => blocks(text).map((source) => block(source.split("\n")));

function code(lines, fence) {
  const closed = lines.length > 1 && FENCE.exec(lines.at(-1))?.[1].startsWith(fence[1]);
  const text = lines.slice(1, closed ? -1 : undefined).join("\n");
  const button = el("button", { type: "button", class: "small", onclick: take }, icon("copy"), el("span", {}, "Copy"));
  async function take() {
    const worked = await copy(text);
    button.lastChild.textContent = worked ? "Copied" : "Select it by hand";
    setTimeout(() => (button.lastChild.textContent = "Copy"), 2000);
  }
  const label = fence[2] || "text";
  return el(
    "figure",
    { class: "code" },
    el("figcaption", {}, el("span", {}, label), button),
    el("pre", { tabindex: "0", "aria-label": `Code, ${label}`, role: "region" }, el("code", {}, text)),
  );
}

function list(lines) {
  const first = ITEM.exec(lines[0]);
  const ordered = /\d/.test(first[2]);
  const made = el(ordered ? "ol" : "ul", ordered ? { start: Number.parseInt(first[2], 10) } : {});
  const base = first[1].length;
  let item = [];
  const end = () => {
    if (!item.length) return;
    const loose = item.some((line, at) => line === "" && at < item.length - 1);
    const inner = all(item.join("\n"));
    const lone = !loose && inner[0]?.tagName === "P" ? [...inner[0].childNodes, ...inner.slice(1)] : inner;
    made.append(el("li", {}, lone));
    item = [];
  };
  for (const line of lines) {
    const found = ITEM.exec(line);
    if (found && found[1].length <= base + 1) {
      end();
      item.push(found[3]);
    } else {
      item.push(line.replace(new RegExp(`^ {0,${base + first[2].length + 1}}`), ""));
    }
  }
  end();
  return made;
}

function table(lines) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace("\\|", "|"));
  const head = cells(lines[0]);
  const sides = cells(lines[1]).map((mark) => (/^:-+:$/.test(mark) ? "middle" : /-:$/.test(mark) ? "end" : ""));
  const row = (tag, line) =>
    el("tr", {}, head.map((_, at) => el(tag, { class: sides[at] || null, scope: tag === "th" ? "col" : null }, inline(cells(line)[at] ?? ""))));
  return el(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, row("th", lines[0])), el("tbody", {}, lines.slice(2).map((line) => row("td", line)))),
  );
}

const INLINE = new RegExp(
  [
    String.raw`(?<escape>\\[\\${"`"}*_{}[\]()#+.!|<>~-])`,
    String.raw`(?<ticks>${"`"}+)(?<code>[\s\S]*?[^${"`"}])\k<ticks>(?!${"`"})`,
    String.raw`!?\[(?<label>[^\]\n]*)\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)`,
    String.raw`(?<bare>https?:\/\/[^\s<>()"']*[^\s<>()"'.,;:!?])`,
    String.raw`\*\*(?<strong>(?=\S)[\s\S]*?\S)\*\*(?!\*)`,
    String.raw`(?<![\w])__(?<strong2>(?=\S)[\s\S]*?\S)__(?!\w)`,
    String.raw`\*(?<em>(?=[^\s*])[^*]*?[^\s*])\*(?!\*)`,
    String.raw`(?<![\w])_(?<em2>(?=[^\s_])[^_]*?[^\s_])_(?!\w)`,
    String.raw`~~(?<gone>(?=\S)[\s\S]*?\S)~~`,
    String.raw`(?<line> {2,}\n|\n)`,
  ].join("|"),
  "g",
);

/** The nodes of a run of text. */
export function inline(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > at) nodes.push(text.slice(at, found.index));
    nodes.push(piece(found[0], found.groups));
    at = found.index + found[0].length;
  }
  if (at < text.length) nodes.push(text.slice(at));
  return nodes;
}

function piece(whole, found) {
  if (found.escape) return found.escape[1];
  if (found.ticks) return el("code", {}, found.code.trim());
  if (found.target) return link(found.target, found.label ? inline(found.label) : [found.target], whole);
  if (found.bare) return link(found.bare, [found.bare], whole);
  if (found.strong ?? found.strong2) return el("strong", {}, inline(found.strong ?? found.strong2));
  if (found.em ?? found.em2) return el("em", {}, inline(found.em ?? found.em2));
  if (found.gone) return el("s", {}, inline(found.gone));
  return el("br");
}

/** Only to the web, and only when a person follows it. */
function link(target, label, whole) {
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return whole;
  return el("a", { href: target, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}
