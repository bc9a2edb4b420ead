// A map drawn from the boundaries on this machine: districts as shapes, a point chosen by pointer or keys.
const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.04; // of what is seen, for one press of an arrow key
const CLOSEST = 0.0005; // degrees across, at the most zoomed in

const make = (tag, props = {}) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) made.setAttribute(name, value);
  return made;
};

export class DistrictMap {
  /** `chosen(lat, lon)` is called when a point is taken; `pointed(name)` when another district is under the pointer. */
  constructor(box, chosen, pointed) {
    this.box = box;
    this.chosen = chosen;
    this.pointed = pointed;
    this.svg = make("svg", { role: "application", tabindex: 0, "aria-label": "Map. Arrow keys move the cross, plus and minus zoom, Enter takes the point." });
    this.shapes = make("g", { class: "districts" });
    this.cross = make("path", { class: "cross", "aria-hidden": "true" });
    this.svg.append(this.shapes, this.cross);
    box.replaceChildren(this.svg, this.buttons());
    this.listen();
  }

  /** Show districts: `[{name, rings: [[lon, lat, lon, lat, …], …]}]`, degrees. */
  show(districts) {
    const all = districts.flatMap((district) => district.rings);
    const bounds = boundsOf(all);
    this.squeeze = Math.cos(((bounds.south + bounds.north) / 2) * (Math.PI / 180));
    this.shapes.replaceChildren(...districts.map((district) => this.shape(district)));
    const width = (bounds.east - bounds.west) * this.squeeze;
    this.whole = { x: bounds.west * this.squeeze, y: -bounds.north, w: width, h: bounds.north - bounds.south };
    this.view = { ...this.whole };
    this.at = { x: this.whole.x + this.whole.w / 2, y: this.whole.y + this.whole.h / 2 };
    this.svg.style.aspectRatio = `${Math.max(0.7, Math.min(2.2, this.whole.w / this.whole.h))}`;
    this.draw();
  }

  shape(district) {
    const path = make("path", { d: district.rings.map((ring) => this.line(ring)).join(""), "fill-rule": "evenodd" });
    path.dataset.name = district.name;
    return path;
  }

  line(ring) {
    let words = "";
    for (let i = 0; i < ring.length; i += 2) words += `${i ? "L" : "M"}${(ring[i] * this.squeeze).toFixed(5)} ${(-ring[i + 1]).toFixed(5)}`;
    return `${words}Z`;
  }

  draw() {
    const { x, y, w, h } = this.view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
    const arm = Math.max(w, h) / 40;
    this.cross.setAttribute("d", `M${this.at.x - arm} ${this.at.y}h${2 * arm}M${this.at.x} ${this.at.y - arm}v${2 * arm}`);
  }

  zoom(factor, about = this.at) {
    const w = Math.min(this.whole.w, Math.max(CLOSEST, this.view.w * factor));
    const by = w / this.view.w;
    const { x, y } = this.view;
    this.view = { x: about.x - (about.x - x) * by, y: about.y - (about.y - y) * by, w, h: this.view.h * by };
    this.draw();
  }

  move(dx, dy) {
    this.at.x += dx * this.view.w * STEP;
    this.at.y += dy * this.view.h * STEP;
    for (const [axis, size] of [["x", "w"], ["y", "h"]]) {
      const margin = this.view[size] * 0.1;
      this.view[axis] = Math.min(this.view[axis], this.at[axis] - margin);
      this.view[axis] = Math.max(this.view[axis], this.at[axis] + margin - this.view[size]);
    }
    this.draw();
    this.name();
  }

  /** Say which district the cross is in. */
  name() {
    const point = this.svg.createSVGPoint();
    Object.assign(point, this.at);
    const inside = [...this.shapes.children].find((path) => path.isPointInFill(point));
    this.mark(inside);
  }

  mark(path) {
    if (path === this.marked) return;
    this.marked?.classList.remove("here");
    path?.classList.add("here");
    this.marked = path;
    this.pointed(path?.dataset.name ?? "");
  }

  take() {
    this.chosen(-this.at.y, this.at.x / this.squeeze);
  }

  where(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return { x: point.x, y: point.y };
  }

  listen() {
    let held = null;
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    this.svg.addEventListener("keydown", (event) => {
      if (event.key in keys) this.move(...keys[event.key]);
      else if (event.key === "+" || event.key === "=") this.zoom(0.6);
      else if (event.key === "-") this.zoom(1 / 0.6);
      else if (event.key === "Enter" || event.key === " ") this.take();
      else return;
      event.preventDefault();
    });
    this.svg.addEventListener("pointerdown", (event) => {
      held = { from: this.where(event), moved: false, x: event.clientX, y: event.clientY };
    });
    this.svg.addEventListener("pointermove", (event) => {
      this.mark(event.target.closest?.(".districts path"));
      if (!held || !(event.buttons & 1)) return;
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4) held.moved = true;
      if (!held.moved) return;
      const now = this.where(event);
      this.view.x += held.from.x - now.x;
      this.view.y += held.from.y - now.y;
      this.draw();
    });
    this.svg.addEventListener("pointerup", (event) => {
      if (held && !held.moved) {
        this.at = this.where(event);
        this.draw();
        this.take();
      }
      held = null;
    });
    this.svg.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.where(event));
      },
      { passive: false },
    );
  }

  buttons() {
    const box = document.createElement("div");
    box.className = "map-buttons";
    for (const [label, text, factor] of [["Zoom in", "+", 0.6], ["Zoom out", "−", 1 / 0.6]]) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "small", textContent: text, title: label });
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => this.zoom(factor, { x: this.view.x + this.view.w / 2, y: this.view.y + this.view.h / 2 }));
      box.append(button);
    }
    return box;
  }
}

function boundsOf(rings) {
  const bounds = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      bounds.west = Math.min(bounds.west, ring[i]);
      bounds.east = Math.max(bounds.east, ring[i]);
      bounds.south = Math.min(bounds.south, ring[i + 1]);
      bounds.north = Math.max(bounds.north, ring[i + 1]);
    }
  }
  return bounds;
}
