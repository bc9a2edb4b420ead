// What to say: a draft for one member, that its owner changes, copies, prints.
import { postJson } from "./api.js";
import { announce, byId, copy, el } from "./dom.js";

const WAIT = 400; // ms after the last key in a field that the draft uses

export class Script {
  constructor(failed) {
    this.failed = failed;
    this.members = [];
    this.clause = heldClause();
    for (const id of ["to", "ask-for", "form"]) byId(id).addEventListener("change", () => this.draft());
    for (const id of ["me", "town"]) byId(id).addEventListener("input", () => this.later());
    byId("words").addEventListener("input", () => this.measure());
    byId("copy").addEventListener("click", async () => announce((await copy(byId("words").value)) ? "Copied." : "The browser does not let it be copied."));
    byId("print").addEventListener("click", () => this.print());
  }

  /** What there is to choose from, as the server says. */
  offer(asks, forms) {
    const open = this.clause ? asks : asks.filter((ask) => !ask.needs_bill);
    byId("ask-for").replaceChildren(...open.map((ask) => el("option", { value: ask.id }, ask.label)));
    byId("form").replaceChildren(...forms.map((form) => el("option", { value: form.id }, form.label)));
    if (!this.clause) return;
    byId("clause").hidden = false;
    byId("clause").replaceChildren(el("b", {}, `${this.clause.number || "The bill"}, ${this.clause.path}: `), el("q", {}, this.clause.quote));
    const about = open.find((ask) => ask.needs_bill);
    if (about) byId("ask-for").value = about.id;
  }

  /** Those who can be written to, and the one who is. */
  async about(members, member) {
    this.members = members;
    byId("to").replaceChildren(...members.map((each) => el("option", { value: each.id }, `${each.title} ${each.name}`)));
    if (member) byId("to").value = member.id;
    byId("say").hidden = false;
    await this.draft();
  }

  get member() {
    return this.members.find((each) => each.id === byId("to").value);
  }

  get form() {
    return byId("form").value;
  }

  later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.draft(), WAIT);
  }

  async draft() {
    if (!this.member) return;
    try {
      const told = await postJson("/page/act/script", {
        member: this.member.id,
        ask: byId("ask-for").value,
        form: this.form,
        name: byId("me").value,
        town: byId("town").value,
        clause: this.clause,
      });
      this.rate = told.words_a_minute;
      byId("words").value = told.text;
      byId("draft-notes").replaceChildren(...told.notes.map((note) => el("li", {}, note)));
      this.reach();
      this.measure();
      document.body.dataset.drafted = String(Number(document.body.dataset.drafted ?? 0) + 1);
    } catch (error) {
      this.failed(error);
    }
  }

  measure() {
    const words = byId("words").value.split(/\s+/).filter(Boolean).length;
    const spoken = ["call", "voicemail"].includes(this.form);
    byId("length").textContent = spoken ? `${words} words, about ${Math.round((words / this.rate) * 60)} s to say` : `${words} words`;
  }

  reach() {
    const { member } = this;
    const phones = member.offices.filter((office) => office.phone);
    const written = this.form === "email" && member.email;
    byId("reach").replaceChildren(
      ...(written ? [el("a", { class: "phone", href: `mailto:${member.email}` }, member.email)] : []),
      ...phones.map((office) => el("div", { class: "office" }, el("a", { class: "phone", href: office.tel }, office.phone), el("span", { class: "quiet" }, [office.kind_words, office.hours].filter(Boolean).join(" · ")))),
    );
  }

  /** One page for each office: the script large, boxes for what came of it. */
  print() {
    const { member } = this;
    const offices = member.offices.length ? member.offices : [{ kind_words: "", phone: "", address: "" }];
    byId("sheet").replaceChildren(
      ...offices.map((office) =>
        el(
          "article",
          { class: "office-page" },
          el("h2", {}, `${member.title} ${member.name}`),
          el("p", {}, [office.kind_words, office.phone, office.hours, office.address].filter(Boolean).join(" · ")),
          office.shared_by > 3 ? el("p", {}, `A switchboard: ask for ${member.title} ${member.family_name}.`) : null,
          el("div", { class: "script" }, byId("words").value.split(/\n{2,}/).map((part) => el("p", {}, part))),
          el("p", { class: "boxes" }, ["answered", "voicemail", "no answer", "will call back"].map((word) => el("span", {}, `☐ ${word}  `))),
          el("p", { class: "quiet" }, byId("ages").textContent),
        ),
      ),
    );
    window.print();
  }
}

/** The clause that the reader of bills handed on, for as long as this tab is open. */
function heldClause() {
  try {
    return JSON.parse(sessionStorage.getItem("freehold-clause"));
  } catch {
    return null;
  }
}
