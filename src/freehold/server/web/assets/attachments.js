// What a person adds to a message: text files as text, pictures where the model sees.
import { el, icon, iconButton } from "./dom.js";

const MOST_TEXT = 2_000_000;
const MOST_PICTURE = 20_000_000;
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif"];

export class Attachments {
  /** `place` is a list; `trouble` shows a sentence; `sees` tells whether the model does. */
  constructor(place, trouble, sees) {
    Object.assign(this, { place, trouble, sees, files: [], images: [] });
  }

  async add(files) {
    this.trouble("");
    for (const file of files) {
      try {
        if (PICTURES.includes(file.type)) this.images.push(await this.picture(file));
        else this.files.push(await text(file));
      } catch (error) {
        this.trouble(error.message);
      }
    }
    this.show();
  }

  async picture(file) {
    if (!this.sees()) throw new Error(`${file.name} is a picture, and this model sees none.`);
    if (file.size > MOST_PICTURE) throw new Error(`${file.name} is larger than 20 MB.`);
    return { name: file.name || "picture", url: await dataUrl(file) };
  }

  /** All of it; afterwards there is nothing. */
  take() {
    const { files, images } = this;
    this.set([], []);
    return { files, images };
  }

  set(files, images) {
    Object.assign(this, { files: [...files], images: [...images] });
    this.show();
  }

  get empty() {
    return !this.files.length && !this.images.length;
  }

  show() {
    const remove = (from, one) => () => {
      from.splice(from.indexOf(one), 1);
      this.show();
    };
    const chip = (one, from, face) =>
      el("li", {}, face, el("span", {}, one.name), iconButton("close", `Remove ${one.name}`, remove(from, one)));
    this.place.replaceChildren(
      ...this.files.map((one) => chip(one, this.files, icon("file"))),
      ...this.images.map((one) => chip(one, this.images, el("img", { src: one.url, alt: "" }))),
    );
    this.place.hidden = this.empty;
  }
}

async function text(file) {
  if (file.size > MOST_TEXT) throw new Error(`${file.name} is larger than 2 MB of text.`);
  const bytes = await file.arrayBuffer();
  try {
    const found = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (found.includes("\0")) throw new TypeError("binary");
    return { name: file.name, text: found };
  } catch {
    throw new Error(`${file.name} is neither text nor a picture that can be shown.`);
  }
}

const dataUrl = (file) =>
  new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });
