// What came of it: the log of calls and letters, on this machine alone.
import { getJson, postJson } from "./api.js";
import { confirm } from "./dialogs.js";
import { announce, byId, el, save } from "./dom.js";

export class Log {
  /** `member()` is the one who is written to now, or nothing. */
  constructor(member, failed) {
    this.member = member;
    this.failed = failed;
    byId("log-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.doing(() => this.keep());
    });
    byId("csv").addEventListener("click", () => this.doing(() => this.export("csv", "text/csv")));
    byId("ics").addEventListener("click", () => this.doing(() => this.export("ics", "text/calendar")));
    byId("erase").addEventListener("click", () => this.doing(() => this.erase()));
  }

  async show() {
    const told = await getJson("/page/act/log");
    if (!byId("kind").options.length) {
      byId("kind").replaceChildren(...told.kinds.map((kind) => el("option", { value: kind.id }, kind.label)));
      byId("outcome").replaceChildren(...told.outcomes.map((outcome) => el("option", { value: outcome.id }, outcome.label)));
    }
    byId("entries").replaceChildren(...told.entries.map((entry) => this.row(entry)));
    if (!told.entries.length) byId("entries").append(el("li", { class: "quiet" }, "Nothing yet. It stays on this machine, and one button erases it."));
    byId("log-acts").hidden = !told.entries.length;
  }

  row(entry) {
    const follow = entry.follow_up ? el("span", { class: `badge ${entry.is_due ? "warn" : ""}` }, `${entry.is_due ? "due" : "ask again"} ${entry.follow_up}`) : null;
    return el(
      "li",
      { "data-entry": entry.id },
      el("span", {}, el("b", {}, entry.member), ` · ${[entry.kind_words, entry.outcome_words, entry.on].filter(Boolean).join(" · ")} `, follow),
      entry.note ? el("p", { class: "quiet" }, entry.note) : null,
      entry.follow_up ? el("button", { type: "button", class: "small", "aria-label": `Done with ${entry.member}`, onclick: () => this.doing(() => postJson("/page/act/log/done", { id: entry.id })) }, "Done") : null,
    );
  }

  async keep() {
    const member = this.member();
    await postJson("/page/act/log/add", {
      member: member.id,
      kind: byId("kind").value,
      outcome: byId("outcome").value,
      note: byId("note").value,
      follow_up: byId("follow").value || null,
    });
    byId("note").value = "";
    byId("follow").value = "";
    announce(`Kept: ${member.name}.`);
  }

  async export(format, kind) {
    const { text } = await getJson(`/page/act/log/${format}`);
    save(`freehold-log.${format}`, kind, text);
  }

  async erase() {
    if (!(await confirm("Erase the whole log?", "Every call, letter, note and reminder goes. It cannot be undone.", "Erase"))) return;
    await postJson("/page/act/log/erase", {});
    announce("The log is erased.");
  }

  async doing(act) {
    try {
      await act();
      await this.show();
    } catch (error) {
      this.failed(error);
    }
  }
}
