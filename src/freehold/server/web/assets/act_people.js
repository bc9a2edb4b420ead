// The people who represent a place, a card each.
import { byId, el } from "./dom.js";
import { count } from "./words.js";

const AT_ONCE = 2; // offices that are shown without asking

/** Fill the cards; `write(member)` is called by each card's button. */
export function showPeople(answer, write) {
  byId("people").hidden = false;
  byId("notes").replaceChildren(...answer.notes.map((note) => el("li", {}, note)));
  byId("cards").replaceChildren(...groups(answer.candidates).map(([title, candidates]) => group(title, candidates, write)));
  byId("ages").replaceChildren(...answer.data.map(age));
}

function groups(candidates) {
  const found = new Map();
  for (const candidate of candidates) found.set(candidate.body, [...(found.get(candidate.body) ?? []), candidate]);
  return [...found];
}

function group(title, candidates, write) {
  const open = candidates.some((candidate) => !candidate.is_certain);
  return el(
    "section",
    { class: "chamber" },
    el("h3", {}, title),
    open ? el("p", { class: "quiet" }, "One of these: coordinates or the map decide which.") : null,
    candidates.flatMap((candidate) => (candidate.members.length ? candidate.members.map((member) => card(candidate, member, write)) : [vacant(candidate)])),
  );
}

const share = (candidate) => (candidate.share === null || candidate.is_certain ? "" : `${Math.max(1, Math.round(candidate.share * 100))}% of this ZIP code’s land`);

const vacant = (candidate) => el("article", { class: "card person" }, el("h4", {}, candidate.name), el("p", { class: "quiet" }, "The data has nobody in this seat: it may be vacant."));

function card(candidate, member, write) {
  return el(
    "article",
    { class: "card person" },
    el("h4", {}, `${member.title} ${member.name}`),
    el("p", { class: "quiet" }, [member.party, candidate.name, share(candidate)].filter(Boolean).join(" · ")),
    member.offices.slice(0, AT_ONCE).map((office) => place(office, member)),
    more(member),
    el("p", { class: "links" }, link(member.email && `mailto:${member.email}`, member.email), link(member.contact_form, "Contact form"), link(member.website, "Web site")),
    member.committees.length ? el("details", {}, el("summary", {}, "Committees"), el("ul", { class: "plain" }, member.committees.map((name) => el("li", {}, name)))) : null,
    el("button", { type: "button", class: "main", "aria-label": `Write to or call ${member.name}`, onclick: () => write(member) }, "What to say"),
  );
}

function more(member) {
  const rest = member.offices.slice(AT_ONCE);
  if (!rest.length) return null;
  return el("details", {}, el("summary", {}, `${count(rest.length, "more office")}`), rest.map((office) => place(office, member)));
}

function place(office, member) {
  const asking = office.shared_by > 3 ? `a switchboard: ask for ${member.title} ${member.family_name}` : "";
  const words = [office.kind_words, office.address, office.hours, asking].filter(Boolean).join(" · ");
  return el("div", { class: "office" }, office.phone ? el("a", { class: "phone", href: office.tel }, office.phone) : null, el("span", { class: "quiet" }, words));
}

function link(href, text) {
  if (!href || !/^(https?|mailto):/.test(href)) return null;
  const outside = href.startsWith("http") ? { target: "_blank", rel: "noreferrer noopener" } : {};
  return el("a", { href, ...outside }, text);
}

function age(data) {
  const doubt = data.expires ? `; to be doubted from ${data.expires}${data.why ? ` (${data.why})` : ""}` : "";
  return el("span", { class: data.is_old ? "old" : "" }, `${data.title}, ${data.as_of}${doubt}. `);
}
