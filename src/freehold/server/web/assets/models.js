// The chooser of models: what is owned and can be run.
import { getJson } from "./api.js";
import { el } from "./dom.js";

const KEPT = "model";

export class ModelChooser {
  constructor(place, changed) {
    Object.assign(this, { place, models: [] });
    place.addEventListener("change", () => {
      localStorage.setItem(KEPT, place.value);
      changed();
    });
  }

  async refresh() {
    const { models } = await getJson("/page/models");
    const names = new Set();
    this.models = models.filter((model) => model.runs && model.present && !names.has(model.name) && names.add(model.name));
    const wanted = this.place.value || localStorage.getItem(KEPT);
    this.place.replaceChildren(...this.models.map((model) => el("option", { value: model.name }, label(model))));
    this.place.disabled = !this.models.length;
    if (!this.models.length) this.place.append(el("option", { value: "" }, "No model yet"));
    this.choose(wanted);
  }

  /** Choose one by name, where it is still owned. */
  choose(name) {
    if (this.models.some((model) => model.name === name)) this.place.value = name;
  }

  get name() {
    return this.place.value;
  }

  get current() {
    return this.models.find((model) => model.name === this.name);
  }
}

const label = (model) => (model.sees ? `${model.name} (sees)` : model.name);
