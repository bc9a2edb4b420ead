// The logit lens: a grid of layers by tokens, and one token followed through it.
import { announce, byId, el } from "./dom.js";
import { Grid } from "./grid.js";
import { layerName, layerWords, likely, percent, shaded } from "./study_words.js";

export class LensView {
  /** `ask(what, body)` asks the server about the run that is shown; `failed` is told what goes wrong. */
  constructor(ask, failed) {
    Object.assign(this, { ask, failed });
    this.grid = new Grid(
      byId("lens-grid"),
      (cell) => this.#detail(cell),
      (cell) => this.#follow(cell, this.lens.top[cell.dataset.row][cell.dataset.column][0][0]),
    );
    byId("lens").addEventListener("keydown", (event) => event.key === "Escape" && this.followed && this.#unfollow());
  }

  async show(run) {
    Object.assign(this, { run, lens: null, followed: null });
    byId("lens-detail").replaceChildren();
    byId("lens-state").textContent = "Reading every layer off…";
    this.lens = await this.ask("lens", {});
    this.words = { ...run.words, ...this.lens.words };
    byId("lens-state").textContent = "";
    this.#draw();
  }

  #draw() {
    const { ids } = this.run;
    const order = this.lens.top.map((_, row) => row).reverse();
    const cells = order.map((row) => ids.map((_, column) => this.#cell(row, column)));
    const heads = el("tr", {}, el("th", { scope: "col" }, "Layer"), ids.map((id) => el("th", { scope: "col" }, this.words[id])));
    const rows = order.map((row, at) => el("tr", {}, el("th", { scope: "row" }, layerName(row)), cells[at]));
    byId("lens-grid").replaceChildren(el("thead", {}, heads), el("tbody", {}, rows));
    this.grid.fill(cells, cells[0].at(-1));
    this.#paint();
    this.#detail(this.grid.current);
  }

  #cell(row, column) {
    const [[id, share]] = this.lens.top[row][column];
    const label = `${layerWords(row)}, after ${this.words[this.run.ids[column]]}: ${this.words[id]}, ${percent(share)}`;
    const settled = this.lens.settled[column] === row ? " settled" : "";
    return el("td", { role: "gridcell", class: `sure${settled}`, "aria-label": label, "data-row": row, "data-column": column }, this.words[id]);
  }

  /** Colour by each cell's own token, or by the one that is followed. */
  #paint() {
    for (const cell of this.grid.rows.flat()) {
      const { row, column } = cell.dataset;
      shaded(cell, this.followed ? this.followed.share[row][column] : this.lens.top[row][column][0][1]);
    }
  }

  #detail(cell) {
    if (!this.lens) return;
    const row = Number(cell.dataset.row);
    const column = Number(cell.dataset.column);
    const { top, rank, share, first, settled } = this.lens;
    const answer = this.words[top.at(-1)[column][0][0]];
    const comes = `The model’s answer here is ${answer}: first at ${layerWords(first[column])}, to stay from ${layerWords(settled[column])}. At this layer it is of rank ${rank[row][column].toLocaleString("en")}, ${percent(share[row][column])}.`;
    const parts = [
      el("h2", {}, `${row === 0 ? "The embedding" : `Layer ${row - 1}`}, after `, el("code", {}, this.words[this.run.ids[column]])),
      likely(this.words, top[row][column], (id) => this.#follow(cell, id)),
      el("p", { class: "quiet" }, comes),
    ];
    if (this.followed) parts.push(...this.#curve(column));
    byId("lens-detail").replaceChildren(...parts);
  }

  async #follow(cell, id) {
    const run = this.run;
    const followed = await this.ask("follow", { token: id }).catch(this.failed);
    if (!followed || this.run !== run) return;
    this.followed = followed;
    this.#paint();
    this.#detail(cell);
    byId("lens-state").textContent = `The colours follow ${this.words[id]}. Esc shows each layer’s own again.`;
  }

  #unfollow() {
    this.followed = null;
    this.#paint();
    this.#detail(this.grid.current);
    byId("lens-state").textContent = "";
    announce("Each layer’s own token again.");
  }

  /** The followed token's way through the layers at one position. */
  #curve(column) {
    const shares = this.followed.share.map((row) => row[column]);
    const most = Math.max(...shares);
    const peak = shares.indexOf(most);
    const words = `${this.words[this.followed.token]} through the layers: at most ${percent(most)}, at ${layerWords(peak)}; ${percent(shares.at(-1))} at the end.`;
    const svg = drawn("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: "curve", role: "img", "aria-label": words });
    const points = shares.map((share, row) => `${((100 * row) / (shares.length - 1)).toFixed(1)} ${(100 - 100 * share).toFixed(1)}`);
    for (const y of [0, 50, 100]) svg.append(drawn("line", { x1: 0, x2: 100, y1: y, y2: y }));
    svg.append(drawn("path", { d: `M${points.join("L")}` }));
    return [svg, el("p", { class: "quiet" }, words), el("button", { type: "button", class: "small", onclick: () => this.#unfollow() }, "Stop following")];
  }
}

function drawn(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
