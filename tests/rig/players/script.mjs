// What a played model says, whatever its protocol, and the server that every such player is. What it says is scripted;
// what it was asked is kept to the byte, so that a test can search it.
import { once } from "node:events";
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import { until } from "../wait.mjs";

/** Says this text, in pieces. */
export const says = (text) => [...(text.match(/\s*\S+/g) ?? []).map((piece) => ({ text: piece })), { finish: "stop" }];

/** Calls these tools: `calls(["request_login", { reason: "…" }])`. */
export const calls = (...list) => [...list.map(([name, args = {}]) => ({ call: { name, args } })), { finish: "tool_calls" }];

/** Will not answer, and says so. */
export const refuses = (text) => [{ refusal: text }, { finish: "content_filter" }];

/** The names of the tools that a request lets the model call. */
export function toolsOf(body) {
  if (body.tool_choice?.type === "none" || body.tool_choice === "none") return [];
  return (body.tools ?? []).map((tool) => tool.function?.name ?? tool.name);
}

/** The messages of a request in one form: `{role: user | assistant | tool, content, calls}`, content a text. */
export function messagesOf(body) {
  return body.messages.flatMap((message) => {
    if (!Array.isArray(message.content)) {
      const made = (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) }));
      return [{ role: message.role, content: message.content ?? "", calls: made }];
    }
    const results = message.content.filter((block) => block.type === "tool_result").map((block) => ({ role: "tool", content: block.content, calls: [] }));
    const text = message.content.filter((block) => block.type === "text").map((block) => block.text).join("\n");
    const made = message.content.filter((block) => block.type === "tool_use").map((block) => ({ id: block.id, name: block.name, args: block.input }));
    const rest = text !== "" || made.length > 0 ? [{ role: message.role, content: text, calls: made }] : [];
    return [...results, ...rest];
  });
}

/** The last message of a request. */
export const lastOf = (body) => messagesOf(body).at(-1);

/** All that a request lets the model read, as one text. */
export const readBy = (body) => JSON.stringify([body.system ?? "", body.messages]);

/**
 * Asks for a login when the visitor asks for an order and nobody is signed in; otherwise says what it was told about
 * orders, so that a test sees in the answer what reached the model.
 */
export function shopAssistant(body) {
  const asked = messagesOf(body).findLast((message) => message.role === "user")?.content ?? "";
  const answered = lastOf(body).role === "tool";
  if (/order/i.test(asked) && !answered && toolsOf(body).includes("request_login")) return calls(["request_login", { reason: "The visitor asks for their order." }]);
  const numbers = [...new Set(readBy(body).match(/NW-\d{4}/g) ?? [])];
  return says(numbers.length > 0 ? `Your orders are ${numbers.join(" and ")}.` : "I have no orders to tell you about.");
}

/**
 * Starts a player on loopback. `script(body, n)` gives the events of the `n`th answer (1 = first):
 * `{text}`, `{refusal}`, `{call: {name, args, id}}`, `{finish}` (`stop`, `tool_calls`, `length`, `content_filter`) with
 * which the answer ends, `{error: kind}` inside the stream, `{raw}` (bytes as they are), `{cut: true}` (the connection
 * breaks), `{hold: true}` (waits for `release()`), `{wait: ms}`; and as the first event `{status, headers, body}` (an
 * HTTP error), `{type}` (another content type), `{whole: true}` (the rest as one JSON answer, not streamed), `{drop: true}` (no answer at all) or `{mangle}` (a function that is given the
 * bytes of the rest and gives the events to send in their place).
 *
 * `protocol`: `path`, `root` (what of the address belongs to the settings), `key(headers)`, `complaints(body, headers)`,
 * `failure(status, kind, message)`, and `voice(body, n)` with the bytes of `begin`, `text`, `refusal`, `call`, `finish`,
 * `error`, and of a `whole` answer.
 */
export async function startPlayer(protocol, { script, key }) {
  const held = [];
  const player = {
    key,
    script,
    /** Every request: `{headers, raw, body, complaints}`. */
    requests: [],
    judged: protocol.judged,
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
    outgoing.end(protocol.failure(status, "invalid_request_error", message));
  }

  async function answer(incoming, outgoing, raw) {
    const entry = { method: incoming.method, path: incoming.url, headers: incoming.headers, raw, body: undefined, complaints: [], ended: false, at: Date.now() };
    player.requests.push(entry);
    outgoing.on("close", () => { entry.ended = true; });
    const nth = player.requests.length;
    if (incoming.method !== "POST" || incoming.url !== protocol.path) return refuse(outgoing, 404, "Unknown request URL");
    if (protocol.key(incoming.headers) !== key) return refuse(outgoing, 401, "Incorrect API key provided");
    try {
      entry.body = JSON.parse(raw);
    } catch {
      entry.complaints.push("the body is no JSON");
      return refuse(outgoing, 400, "The body is no JSON");
    }
    entry.complaints.push(...protocol.complaints(entry.body, incoming.headers));
    if (entry.body.stream !== true) entry.complaints.push("stream is not asked for");
    if (entry.complaints.length > 0) return refuse(outgoing, 400, entry.complaints.join("; "));

    const events = await player.script(entry.body, nth);
    const [first] = events;
    if (first?.drop) return outgoing.destroy();
    if (first?.status) {
      outgoing.writeHead(first.status, { "content-type": "application/json", ...first.headers });
      return outgoing.end(first.body ?? protocol.failure(first.status, "server_error", "Scripted fault"));
    }
    const voice = protocol.voice(entry.body, nth);
    if (first?.whole) {
      outgoing.writeHead(200, { "content-type": "application/json" });
      return outgoing.end(JSON.stringify(voice.whole(events.slice(1))));
    }
    const spoken = (event) => {
      const kind = ["text", "refusal", "call", "finish", "error"].find((name) => event[name] !== undefined);
      return kind ? voice[kind](event[kind]) : "";
    };
    outgoing.writeHead(200, { "content-type": first?.type ?? "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    const begin = voice.begin();
    const sent = first?.mangle ? first.mangle(Buffer.from(begin + events.map(spoken).join(""))) : [{ raw: begin }, ...events];
    for (const event of sent) {
      if (outgoing.destroyed) return;
      if (event.raw !== undefined) outgoing.write(event.raw);
      else if (event.wait !== undefined) await pause(event.wait);
      else if (event.hold) await new Promise((go) => held.push(go));
      else if (event.cut) {
        // What was said before it is to arrive.
        await new Promise((done) => outgoing.write("", done));
        return outgoing.destroy();
      } else {
        outgoing.write(spoken(event));
      }
    }
    outgoing.end();
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  player.url = `http://127.0.0.1:${server.address().port}${protocol.root}`;
  return player;
}

/** A call's arguments as the text that streams, and its id. */
export function callText(call, fallback) {
  return { text: typeof call.args === "string" ? call.args : JSON.stringify(call.args ?? {}), id: call.id ?? fallback };
}

/** A text in pieces of a few characters, as arguments stream. */
export const pieces = (text) => text.match(/[\s\S]{1,7}/g) ?? [];
