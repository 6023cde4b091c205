// A model behind OpenAI's chat completions, streamed, on loopback. What it says is scripted; what it was asked is kept
// to the byte, so that a test can search it.
import { once } from "node:events";
import http from "node:http";

import { until } from "../wait.mjs";
import { judgeOf } from "./schema.mjs";

const KEY = "sk-test-player-key-0123456789";

/** Says this text, in pieces. */
export const says = (text) => [...(text.match(/\s*\S+/g) ?? []).map((piece) => ({ text: piece })), { finish: "stop" }];

/** Calls these tools: `calls(["request_login", { reason: "…" }])`. */
export const calls = (...list) => [...list.map(([name, args = {}]) => ({ call: { name, args } })), { finish: "tool_calls" }];

/** The names of the tools that a request offers. */
export const toolsOf = (body) => (body.tools ?? []).map((tool) => tool.function.name);

/** The last message of a request. */
export const lastOf = (body) => body.messages[body.messages.length - 1];

/** All that a request lets the model read, as one text. */
export const readBy = (body) => JSON.stringify(body.messages);

/**
 * Asks for a login when the visitor asks for an order and nobody is signed in; otherwise says what it was told about
 * orders, so that a test sees in the answer what reached the model.
 */
export function shopAssistant(body) {
  const asked = [...body.messages].reverse().find((message) => message.role === "user")?.content ?? "";
  const answered = lastOf(body).role === "tool";
  if (/order/i.test(asked) && !answered && toolsOf(body).includes("request_login")) return calls(["request_login", { reason: "The visitor asks for their order." }]);
  const numbers = [...new Set(readBy(body).match(/NW-\d{4}/g) ?? [])];
  return says(numbers.length > 0 ? `Your orders are ${numbers.join(" and ")}.` : "I have no orders to tell you about.");
}

/**
 * Starts the player. `script(body, n)` gives the events of the `n`th answer (1 = first): `{text}`, `{call: {name, args, id}}`,
 * `{finish}`, `{raw}` (bytes as they are), `{cut: true}` (the connection breaks), `{hold: true}` (waits for `release()`),
 * `{status, body}` as the first event (an HTTP error). `[DONE]` follows a `finish`.
 */
export async function startOpenAi({ script = shopAssistant, key = KEY } = {}) {
  const judge = judgeOf("openai/chat_completions.json", "CreateChatCompletionRequest");
  const held = [];
  const player = {
    key,
    script,
    /** Every request: `{headers, raw, body, complaints}`. */
    requests: [],
    judged: judge !== undefined,
    complaints: () => player.requests.flatMap((one) => one.complaints),
    /** Every byte that any model was sent. */
    bytes: () => player.requests.map((one) => `${JSON.stringify(one.headers)}\n${one.raw}`).join("\n"),
    /** Waits for the `n`th request. */
    request: (n) => until(`request ${n} at the model`, () => player.requests[n - 1]),
    release: () => held.splice(0).forEach((go) => go()),
    stop: async () => {
      player.release();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  const server = http.createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => answer(incoming, outgoing, Buffer.concat(chunks).toString("utf8")).catch(() => outgoing.destroy()));
  });

  function refuse(outgoing, status, message) {
    outgoing.writeHead(status, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: null } }));
  }

  async function answer(incoming, outgoing, raw) {
    const entry = { method: incoming.method, path: incoming.url, headers: incoming.headers, raw, body: undefined, complaints: [], ended: false };
    player.requests.push(entry);
    outgoing.on("close", () => { entry.ended = true; });
    const nth = player.requests.length;
    if (incoming.method !== "POST" || incoming.url !== "/v1/chat/completions") return refuse(outgoing, 404, "Unknown request URL");
    if (incoming.headers.authorization !== `Bearer ${key}`) return refuse(outgoing, 401, "Incorrect API key provided");
    try {
      entry.body = JSON.parse(raw);
    } catch {
      entry.complaints.push("the body is no JSON");
      return refuse(outgoing, 400, "The body is no JSON");
    }
    entry.complaints.push(...(judge?.(entry.body) ?? []), ...orderOf(entry.body.messages ?? []));
    if (entry.body.stream !== true) entry.complaints.push("stream is not asked for");
    if (entry.complaints.length > 0) return refuse(outgoing, 400, entry.complaints.join("; "));

    const events = await player.script(entry.body, nth);
    if (events[0]?.status) {
      outgoing.writeHead(events[0].status, { "content-type": "application/json", ...events[0].headers });
      return outgoing.end(events[0].body ?? JSON.stringify({ error: { message: "Scripted fault", type: "server_error", param: null, code: null } }));
    }
    outgoing.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({
      id: `chatcmpl-player${nth}`, object: "chat.completion.chunk", created: 1_790_000_000, model: entry.body.model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    })}\n\n`;
    outgoing.write(chunk({ role: "assistant", content: "" }));
    let index = 0;
    for (const event of events) {
      if (event.text !== undefined) outgoing.write(chunk({ content: event.text }));
      else if (event.raw !== undefined) outgoing.write(event.raw);
      else if (event.hold) await new Promise((go) => held.push(go));
      else if (event.cut) return outgoing.destroy();
      else if (event.call) {
        const text = typeof event.call.args === "string" ? event.call.args : JSON.stringify(event.call.args);
        const id = event.call.id ?? `call_${nth}_${index}`;
        outgoing.write(chunk({ tool_calls: [{ index, id, type: "function", function: { name: event.call.name, arguments: "" } }] }));
        for (const part of text.match(/[\s\S]{1,7}/g) ?? []) outgoing.write(chunk({ tool_calls: [{ index, function: { arguments: part } }] }));
        index += 1;
      } else if (event.finish) {
        outgoing.write(chunk({}, event.finish));
        outgoing.write("data: [DONE]\n\n");
      }
    }
    outgoing.end();
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  player.url = `http://127.0.0.1:${server.address().port}/v1`;
  return player;
}

/** What the API refuses beyond its schema: a tool message needs its call right before, and every call its answer. */
function orderOf(messages) {
  const complaints = [];
  let open = new Set();
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) complaints.push(`/messages/${index} answers no call before it`);
      continue;
    }
    if (open.size > 0) complaints.push(`/messages/${index} follows calls without answers`);
    open = new Set((message.tool_calls ?? []).map((call) => call.id));
  }
  if (open.size > 0) complaints.push("the last calls have no answers");
  return complaints;
}
