// Long work on the page: a bar with how far it is, and a way to stop it.
import { ask, documents } from "./api.js";
import { announce, el } from "./dom.js";
import { size } from "./words.js";

/** Do it, shown in `place`; the result, or null when it was stopped. Raises Trouble. */
export async function work(place, title, path, body) {
  const stopper = new AbortController();
  const bar = el("progress", { "aria-label": title });
  const step = el("span", { class: "step quiet" }, "Starting…");
  const stop = el("button", { type: "button", class: "small", onclick: () => stopper.abort() }, "Stop");
  const box = el("div", { class: "work" }, el("div", { class: "work-head" }, el("strong", {}, title), stop), bar, step);
  place.append(box);
  try {
    for await (const line of documents(await ask("POST", path, body, stopper.signal))) {
      if ("result" in line) return line.result;
      show(line, bar, step);
    }
    return null;
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    announce(`${title}: stopped.`);
    return null;
  } finally {
    box.remove();
  }
}

function show(line, bar, step) {
  if (line.total) {
    bar.max = line.total;
    bar.value = Math.min(line.done, line.total);
    step.textContent = `${line.step}: ${size(line.done)} of ${size(line.total)}`;
  } else {
    bar.removeAttribute("value");
    step.textContent = line.done ? `${line.step}: ${size(line.done)}` : line.step;
  }
}
