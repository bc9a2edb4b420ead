// What the views of the study page share: shares in words, and lists of likely tokens.
import { el } from "./dom.js";

/** `42%`, `3.1%`, `<0.1%`. */
export function percent(share) {
  if (share >= 0.0995) return `${Math.round(share * 100)}%`;
  return share >= 0.0005 ? `${(share * 100).toFixed(1)}%` : "<0.1%";
}

/** What a row of the residual stream is called: by the layer that left it. */
export const layerName = (row) => (row === 0 ? "embed" : String(row - 1));

export const layerWords = (row) => (row === 0 ? "the embedding" : `layer ${row - 1}`);

/** An element whose colour is as deep as `share`. */
export function shaded(element, share) {
  element.style.setProperty("--share", String(Math.max(0, Math.min(1, share))));
  return element;
}

/** Tokens with their shares and bars. `pick(id)`, where it is given, makes each a button. */
export function likely(words, top, pick) {
  return el(
    "ul",
    { class: "likely" },
    top.map(([id, share]) => {
      const name = el("code", { title: words[id] }, words[id]);
      const label = pick ? el("button", { type: "button", class: "small", "aria-label": `Follow ${words[id]}`, onclick: () => pick(id) }, name) : name;
      return el("li", {}, label, el("span", { class: "share" }, percent(share)), shaded(el("span", { class: "bar", "aria-hidden": "true" }), share));
    }),
  );
}
