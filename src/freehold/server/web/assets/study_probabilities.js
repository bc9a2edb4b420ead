// The prompt token by token, each as likely as the model found it.
import { byId, el } from "./dom.js";
import { Grid } from "./grid.js";
import { likely, percent, shaded } from "./study_words.js";

const MOST_BITS = 14; // of surprise, for the deepest red

export class Probabilities {
  constructor() {
    this.grid = new Grid(byId("tokens"), (cell) => this.#detail(cell));
  }

  show(run) {
    this.run = run;
    const cells = run.ids.map((id, at) => this.#token(id, at));
    byId("tokens").replaceChildren(el("div", { role: "row" }, cells));
    this.grid.fill([cells], cells.at(-1));
    this.#detail(cells.at(-1));
  }

  #token(id, at) {
    const { words, share, rank } = this.run;
    const said = at === 0 ? "the first, after nothing" : `${percent(share[at - 1])}, rank ${rank[at - 1]}`;
    const cell = el("span", { role: "gridcell", class: "surprise", "aria-label": `${words[id]}: ${said}`, "data-at": at }, words[id]);
    return at === 0 ? cell : shaded(cell, -Math.log2(Math.max(share[at - 1], 1e-9)) / MOST_BITS);
  }

  #detail(cell) {
    const { ids, words, share, rank, top } = this.run;
    const at = Number(cell.dataset.at);
    for (const each of this.grid.rows[0]) each.setAttribute("aria-selected", String(each === cell));
    const parts = [el("h2", {}, "Token ", String(at), ": ", el("code", {}, words[ids[at]]))];
    if (at === ids.length - 1) parts.push(el("p", { class: "quiet" }, "After it the model would say:"), likely(words, top[at]));
    if (at > 0) {
      const bits = -Math.log2(Math.max(share[at - 1], 1e-9));
      parts.push(el("p", {}, `${percent(share[at - 1])} likely, rank ${rank[at - 1].toLocaleString("en")}; a surprise of ${bits.toFixed(1)} bits.`));
      parts.push(el("p", { class: "quiet" }, "In its place the model would say:"), likely(words, top[at - 1]));
    }
    byId("token-detail").replaceChildren(...parts);
  }
}
