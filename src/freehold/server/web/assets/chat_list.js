// The list of conversations beside the chat; on a phone it slides in.
import * as kept from "./conversations.js";
import { byId, el } from "./dom.js";

export class ConversationList {
  constructor({ open, current }) {
    Object.assign(this, { open, current, narrow: matchMedia("(max-width: 52rem)") });
    byId("open-list").addEventListener("click", () => this.toggle(true));
    byId("close-list").addEventListener("click", () => this.toggle(false));
    this.narrow.addEventListener("change", () => this.toggle(false));
    this.toggle(false);
  }

  toggle(on) {
    const aside = byId("list");
    const was = aside.classList.contains("open");
    aside.classList.toggle("open", on);
    aside.inert = this.narrow.matches && !on;
    byId("main").inert = this.narrow.matches && on;
    byId("open-list").setAttribute("aria-expanded", String(on));
    if (this.narrow.matches && on) byId("close-list").focus();
    else if (this.narrow.matches && was) byId("open-list").focus();
  }

  async refresh() {
    const all = await kept.list();
    byId("conversations").replaceChildren(...all.map((one) => this.row(one)));
  }

  row(one) {
    const here = one.id === this.current();
    const go = (event) => {
      event.preventDefault();
      this.open(one.id);
    };
    const title = el("span", { class: "title" }, kept.titleOf(one));
    const when = el("span", { class: "when" }, day(one.updated));
    return el("li", {}, el("a", { href: `/#${one.id}`, "aria-current": here ? "true" : null, onclick: go }, title, when));
  }
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

const day = (time) => (new Date(time).toDateString() === new Date().toDateString() ? clock : date).format(time);
