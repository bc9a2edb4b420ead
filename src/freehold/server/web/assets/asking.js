// One question to a model, and its answer as it comes.
import { ask, events } from "./api.js";
import { fenced } from "./conversations.js";

/** The messages of OpenAI's API for a conversation. */
export function messages(conversation) {
  const system = conversation.system.trim();
  const turns = conversation.turns.filter((turn) => turn.role === "user" || turn.content);
  return [...(system ? [{ role: "system", content: system }] : []), ...turns.map(message)];
}

function message(turn) {
  if (turn.role !== "user") return { role: "assistant", content: turn.content };
  const files = (turn.files ?? []).map((file) => `${file.name}:\n${fenced(file.text)}`);
  const text = [...files, turn.content].filter(Boolean).join("\n\n");
  if (!turn.images?.length) return { role: "user", content: text };
  const pictures = turn.images.map((image) => ({ type: "image_url", image_url: { url: image.url } }));
  return { role: "user", content: [...pictures, { type: "text", text }] };
}

/** Fill `turn` with the answer; `grew` is called whenever there is more of it. */
export async function answer(conversation, model, turn, signal, grew) {
  const began = performance.now();
  const asked = messages(conversation);
  const body = { model, messages: asked, stream: true, stream_options: { include_usage: true } };
  const response = await ask("POST", "/v1/chat/completions", body, signal);
  let first = null;
  for await (const event of events(response)) {
    const delta = event.choices[0]?.delta ?? {};
    if (delta.content || delta.reasoning_content) first ??= (performance.now() - began) / 1000;
    if (delta.content) turn.content += delta.content;
    if (delta.reasoning_content) turn.reasoning = (turn.reasoning ?? "") + delta.reasoning_content;
    turn.ended = event.choices[0]?.finish_reason ?? turn.ended;
    if (event.usage) turn.figures = figures(event, first);
    grew();
  }
}

function figures({ usage, timings }, first) {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    prompt: usage.prompt_tokens,
    cached,
    answer: usage.completion_tokens,
    first,
    prompt_rate: rate(usage.prompt_tokens - cached, timings?.prompt_seconds),
    answer_rate: rate(usage.completion_tokens, timings?.answer_seconds),
  };
}

const FEWEST = 8; // tokens whose speed says anything

const rate = (count, seconds) => (count >= FEWEST && seconds > 0 ? count / seconds : null);

const plain = (number) => (number >= 100 ? Math.round(number).toLocaleString("en") : number.toPrecision(2).replace(/\.0$/, ""));

/** The figures of an answer in words. */
export function inWords(figures) {
  const words = [];
  if (figures.answer_rate) words.push(`${plain(figures.answer_rate)} tokens/s`);
  if (figures.first !== null) words.push(`first token ${figures.first < 10 ? figures.first.toFixed(2) : plain(figures.first)} s`);
  const read = figures.prompt_rate ? ` at ${plain(figures.prompt_rate)}/s` : "";
  words.push(`prompt ${figures.prompt.toLocaleString("en")} tokens${read}`);
  if (figures.cached) words.push(`${figures.cached.toLocaleString("en")} cached`);
  words.push(`answer ${figures.answer.toLocaleString("en")} tokens`);
  return words.join(" · ");
}
