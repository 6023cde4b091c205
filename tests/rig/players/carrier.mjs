// What the players of services that carry messages to phones share: the server, faults on request, and a record of everything.
import http from "node:http";
import { once } from "node:events";

import { until } from "../wait.mjs";

/**
 * Starts a server whose `take(entry)` judges a request and gives `{status, json, message?}`; `message` is kept as taken.
 * `faults` is a list used up from the front, one for each request: `"ok"`, `{status, json?, retryAfter?}`, `"drop"` (the
 * connection is cut before anything is taken), `"drop_after"` (taken, the answer never arrives), `"hold"` (answered when
 * `release()` is called).
 */
export async function startCarrier(take, broken) {
  const held = [];
  const player = {
    /** Every request: `{method, path, headers, raw, complaints, answered}`. */
    requests: [],
    /** Every message that was taken, oldest first: `{to, channel, code, …}`. */
    messages: [],
    faults: [],
    /** Applies to every request once `faults` is used up. */
    always: undefined,
    /** Notes the time at which a message was taken, where a test moves the clock. */
    clock: () => 0,
    complaints: () => player.requests.flatMap((one) => one.complaints),
    messagesTo: (number) => player.messages.filter((message) => message.to === number),
    messageTo: (number, nth = 1) => until(`message ${nth} to ${number}`, () => player.messagesTo(number)[nth - 1]),
    release: () => held.splice(0).forEach((go) => go()),
    stop: async () => {
      player.release();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function answer(incoming, outgoing, raw) {
    const entry = { method: incoming.method, path: incoming.url, headers: incoming.headers, raw, complaints: [] };
    player.requests.push(entry);
    const fault = player.faults.shift() ?? player.always ?? "ok";
    if (fault === "drop") {
      entry.answered = "dropped";
      return outgoing.destroy();
    }
    if (fault === "hold") await new Promise((go) => held.push(go));
    const said = fault.status ? { status: fault.status, json: fault.json ?? broken(fault.status) } : take(entry);
    if (said.message) player.messages.push({ ...said.message, at: player.clock() });
    if (fault === "drop_after") {
      entry.answered = "dropped after it was taken";
      return outgoing.destroy();
    }
    entry.answered = said.status;
    const wait = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    outgoing.writeHead(said.status, { "content-type": "application/json", ...wait });
    outgoing.end(JSON.stringify(said.json));
  }

  const server = http.createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => answer(incoming, outgoing, Buffer.concat(chunks).toString("utf8")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  player.url = `http://127.0.0.1:${server.address().port}`;
  return player;
}
