// Asking the server. Every error becomes a Trouble with a sentence, and a hint where there is one.

export class Trouble extends Error {
  constructor(message, hint = "", status = 0) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
  get whole() {
    return this.hint ? `${this.message} ${this.hint}` : this.message;
  }
}

export const getJson = async (path) => (await ask("GET", path)).json();
export const postJson = async (path, body = {}) => (await ask("POST", path, body)).json();

/** One request; a response that is no error. Who is not logged in is sent to the door. */
export async function ask(method, path, body, signal) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble("The server does not answer.", "Is `freehold serve` still running?");
  }
  if (response.ok) return response;
  const trouble = troubleOf(await response.json().catch(() => ({})), response.status);
  if (response.status === 401 && location.pathname !== "/login") location.assign("/login");
  throw trouble;
}

/** Lines of a body as they come. */
export async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const parts = (rest + value).split("\n");
      rest = parts.pop();
      yield* parts;
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** JSON documents, one a line; an `error` among them is raised. */
export async function* documents(response) {
  for await (const line of lines(response)) {
    if (line.trim()) yield checked(JSON.parse(line));
  }
}

/** The JSON of server-sent events. */
export async function* events(response) {
  for await (const line of lines(response)) {
    if (!line.startsWith("data: ")) continue;
    const data = line.slice(6);
    if (data === "[DONE]") return;
    yield checked(JSON.parse(data));
  }
}

function checked(document) {
  if (document.error) throw troubleOf(document);
  return document;
}

function troubleOf(document, status = 0) {
  const error = document.error ?? {};
  return new Trouble(error.message ?? `The server answered ${status}.`, error.hint ?? "", status);
}
