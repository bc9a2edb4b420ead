// Where heads look: all of them as squares, one of them token by token.
import { byId, el } from "./dom.js";
import { Grid } from "./grid.js";
import { likely, percent, shaded } from "./study_words.js";

const LISTED = 5;

export class AttentionView {
  /** `ask(what, body)` asks the server about the run that is shown; `failed` is told what goes wrong. */
  constructor(ask, failed) {
    Object.assign(this, { ask, failed });
    this.chosen = { layer: 0, head: 0 };
    this.heads = new Grid(byId("heads-grid"), () => {}, (cell) => this.#pick(cell.dataset.layer, cell.dataset.head));
    this.from = new Grid(byId("from"), (cell) => this.#look(Number(cell.dataset.at)));
    for (const id of ["layer", "head"]) byId(id).addEventListener("change", () => this.#pick(byId("layer").value, byId("head").value));
    for (const name of ["mousemove", "click"]) byId("pattern").addEventListener(name, (event) => this.#point(event));
    addEventListener("theme", () => this.pattern && this.#picture());
  }

  async show(run) {
    if (this.run?.layers !== run.layers || this.run?.heads !== run.heads) this.picked = false;
    Object.assign(this, { run, known: new Map() });
    byId("habits").replaceChildren(...run.habits.map((name, at) => el("li", {}, el("span", { class: `habit habit-${at}` }), name)), el("li", {}, el("span", {}), "spread"));
    for (const [id, count] of [["layer", run.layers], ["head", run.heads]]) {
      byId(id).replaceChildren(...Array.from({ length: count }, (_, at) => el("option", { value: at }, String(at))));
    }
    const cells = run.mostly.map((row, layer) => row.map((mostly, head) => this.#head(mostly, layer, head)));
    byId("heads-grid").replaceChildren(el("tbody", {}, cells.map((row, layer) => el("tr", {}, el("th", { scope: "row" }, String(layer)), row))));
    this.heads.fill(cells);
    const { layer, head } = this.picked ? this.chosen : this.#interesting();
    await this.#choose(layer, head);
  }

  #head(mostly, layer, head) {
    const label = `Layer ${layer}, head ${head}: ${this.#said(mostly)}`;
    const cell = el("td", { role: "gridcell", title: label, "aria-label": label, class: mostly ? `habit habit-${mostly[0]}` : "", "data-layer": layer, "data-head": head });
    return mostly ? shaded(cell, mostly[1]) : cell;
  }

  #said(mostly) {
    return mostly ? `${this.run.habits[mostly[0]]}, ${percent(mostly[1])}` : "spread";
  }

  /** The head that goes on with a repetition most, else the one that looks at the previous token most. */
  #interesting() {
    let best = { layer: 0, head: 0, worth: 0 };
    for (const [layer, row] of this.run.mostly.entries()) {
      for (const [head, mostly] of row.entries()) {
        const worth = mostly ? mostly[1] + { 0: 1, 4: 2 }[mostly[0]] || 0 : 0;
        if (worth > best.worth) best = { layer, head, worth };
      }
    }
    return best;
  }

  /** Choose one by hand: it stays chosen when the prompt changes. */
  #pick(layer, head) {
    this.picked = true;
    this.#choose(Number(layer), Number(head)).catch(this.failed);
  }

  async #choose(layer, head) {
    const { run, known } = this;
    this.chosen = { layer, head };
    byId("layer").value = layer;
    byId("head").value = head;
    for (const cell of this.heads.rows.flat()) cell.setAttribute("aria-selected", String(cell === this.heads.at(layer, head)));
    if (!known.has(layer)) known.set(layer, await this.ask("patterns", { layer }));
    const { per_mille } = known.get(layer);
    if (this.run !== run || this.chosen.layer !== layer || this.chosen.head !== head) return;
    this.pattern = per_mille[head].map((row) => row.map((share) => share / 1000));
    byId("head-title").textContent = `Layer ${layer}, head ${head}: ${this.#said(run.mostly[layer][head])}`;
    this.#tokens();
  }

  #tokens() {
    const { ids, words } = this.run;
    const cells = ids.map((id, at) => {
      const most = this.pattern[at].indexOf(Math.max(...this.pattern[at]));
      const label = `${words[id]} looks most at ${words[ids[most]]}, ${percent(this.pattern[at][most])}`;
      return el("span", { role: "gridcell", class: "sure", "aria-label": label, "data-at": at }, words[id]);
    });
    byId("from").replaceChildren(el("div", { role: "row" }, cells));
    this.from.fill([cells], cells.at(-1));
    this.#look(Math.min(this.at ?? Infinity, ids.length - 1));
  }

  #look(at) {
    const { ids, words } = this.run;
    this.at = at;
    const row = this.pattern[at];
    for (const [place, cell] of this.from.rows[0].entries()) {
      shaded(cell, row[place] ?? 0);
      cell.setAttribute("aria-selected", String(place === at));
    }
    const order = row.map((share, place) => [place, share]).sort((a, b) => b[1] - a[1]);
    const top = order.slice(0, LISTED).filter(([, share]) => share >= 0.001);
    const names = Object.fromEntries(top.map(([place]) => [place, `${place} ${words[ids[place]]}`]));
    byId("from-detail").replaceChildren(el("h2", {}, "From ", el("code", {}, `${at} ${words[ids[at]]}`), " it looks at:"), likely(names, top));
    this.#picture();
  }

  #picture() {
    const canvas = byId("pattern");
    const count = this.pattern.length;
    const step = Math.max(2, Math.floor(720 / count));
    canvas.width = canvas.height = count * step;
    const draw = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    draw.fillStyle = style.getPropertyValue("--green");
    for (const [y, row] of this.pattern.entries()) {
      for (const [x, share] of row.entries()) {
        draw.globalAlpha = share;
        draw.fillRect(x * step, y * step, step, step);
      }
    }
    draw.globalAlpha = 1;
    draw.strokeStyle = style.getPropertyValue("--ink");
    draw.lineWidth = Math.max(1, step / 10);
    draw.strokeRect(0.5, this.at * step + 0.5, (this.at + 1) * step - 1, step - 1);
    canvas.setAttribute("aria-label", `The whole pattern of layer ${this.chosen.layer}, head ${this.chosen.head}: rows are where one looks from, columns where to.`);
  }

  #point(event) {
    const box = byId("pattern").getBoundingClientRect();
    if (!this.pattern) return; // its first one is on its way
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.pattern.length);
    if (row >= 0 && row < this.pattern.length && row !== this.at) this.#look(row);
  }
}
