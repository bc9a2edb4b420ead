// One turn of a conversation on the page.
import { inWords } from "./asking.js";
import { copy, el, icon, iconButton } from "./dom.js";
import { Growing } from "./markdown.js";

const ENDS = {
  length: "It stopped because the context or the limit was full.",
  stopped: "Stopped.",
  broken: "The page was closed before this answer was whole.",
};

/** An article for a turn. `acts` are what can be done with it: edit, retry. */
export class TurnView {
  constructor(turn, acts) {
    Object.assign(this, { turn, acts });
    const mine = turn.role === "user";
    this.body = el("div", { class: "prose" });
    this.growing = mine ? null : new Growing(this.body);
    this.reasoning = el("div", { class: "reasoning" });
    this.thoughts = el("details", { class: "thoughts", hidden: true }, el("summary", {}, "What it thought first"), this.reasoning);
    this.foot = el("div", { class: "turn-foot" });
    this.box = el(
      "article",
      { class: mine ? "turn mine" : "turn theirs", tabindex: "-1" },
      el("h2", { class: mine ? "unseen" : "who" }, mine ? "You" : (turn.model ?? "Model")),
      mine ? this.brought() : this.thoughts,
      this.body,
      this.foot,
    );
    this.show();
  }

  brought() {
    const { files = [], images = [] } = this.turn;
    if (!files.length && !images.length) return null;
    return el(
      "ul",
      { class: "attached", "aria-label": "Attached" },
      images.map((image) => el("li", { class: "picture" }, el("img", { src: image.url, alt: image.name }))),
      files.map((file) => el("li", {}, icon("file"), el("span", {}, file.name))),
    );
  }

  /** As the turn is now. `busy`: more is to come. */
  show(busy = false) {
    const { turn } = this;
    if (this.growing) this.growing.show(turn.content);
    else this.body.textContent = turn.content;
    if (turn.reasoning) {
      this.thoughts.hidden = false;
      this.reasoning.textContent = turn.reasoning;
    }
    this.box.classList.toggle("busy", busy);
    this.box.setAttribute("aria-busy", String(busy));
    if (busy) this.wait();
    else this.rest();
  }

  wait() {
    const begun = this.turn.content || this.turn.reasoning;
    const words = begun ? "" : (this.turn.waiting ?? "Reading…");
    if (this.foot.textContent !== words || this.foot.dataset.busy !== "yes") {
      this.foot.replaceChildren(el("span", { class: "waiting" }, el("span", { class: "pulse", "aria-hidden": "true" }), words));
      this.foot.dataset.busy = "yes";
    }
  }

  rest() {
    const { turn } = this;
    delete this.foot.dataset.busy;
    const notes = [];
    if (ENDS[turn.ended]) notes.push(el("span", { class: "ended" }, ENDS[turn.ended]));
    if (turn.figures) notes.push(el("span", { class: "figures" }, inWords(turn.figures)));
    const what = turn.role === "user" ? "your message" : "this answer";
    const tools = [
      iconButton("copy", `Copy ${what}`, (event) => this.copied(event.currentTarget)),
      iconButton("edit", `Edit ${what}`, () => this.edit()),
      iconButton("retry", turn.role === "user" ? "Ask this again" : "Answer again", () => this.acts.retry(turn)),
    ];
    this.foot.replaceChildren(
      turn.trouble ? el("p", { class: "trouble" }, turn.trouble) : "",
      el("div", { class: "turn-tools", role: "group", "aria-label": `Tools for ${what}` }, tools),
      el("div", { class: "notes" }, notes),
    );
  }

  async copied(button) {
    if (!(await copy(this.turn.content))) return;
    button.replaceChildren(icon("check"));
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  }

  edit() {
    const mine = this.turn.role === "user";
    const field = el("textarea", { value: this.turn.content, rows: 3, "aria-label": mine ? "Your message" : "The answer" });
    const close = () => {
      form.remove();
      this.body.hidden = this.foot.hidden = false;
      this.box.focus();
    };
    const done = () => {
      const text = field.value.trim();
      close();
      if (text && text !== this.turn.content) this.acts.edit(this.turn, text);
    };
    const form = el(
      "form",
      { class: "editing", onsubmit: (event) => (event.preventDefault(), done()) },
      field,
      el("div", { class: "buttons" }, el("button", { type: "button", onclick: close }, "Cancel"), el("button", { class: "main" }, mine ? "Send again" : "Keep")),
    );
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      else if (event.key !== "Enter" || event.shiftKey || event.isComposing || !mine) return;
      else done();
      event.preventDefault();
      event.stopPropagation();
    });
    this.body.hidden = this.foot.hidden = true;
    this.box.insertBefore(form, this.foot);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
}
