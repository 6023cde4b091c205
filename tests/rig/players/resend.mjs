// Resend on loopback: its address, headers, errors and idempotency, and faults on request. Keeps every request.
//
// After resend/resend-openapi (`POST /emails`) and the error names of npm resend. A key that was seen with the same body
// gives the first answer again and sends nothing; with another body it is a conflict.
import { createHash, randomUUID } from "node:crypto";
import http from "node:http";
import { once } from "node:events";

import { until } from "../wait.mjs";
import { judgeOf } from "./schema.mjs";

const KEY = "re_test_player_key_0123456789";

/**
 * Starts the player. `faults` is a list used up from the front, one for each request:
 * `"ok"`, `{status, name?, retryAfter?}`, `"drop"` (the connection is cut before an answer), `"drop_after"` (the mail is
 * taken, the answer never arrives), `"hold"` (answered when `release()` is called).
 */
export async function startResend({ faults = [], key = KEY } = {}) {
  const judge = judgeOf("resend/openapi.json", "SendEmailRequest");
  const player = {
    key,
    /** Every request, as it came: `{headers, body, raw, complaints, answered}`. */
    requests: [],
    /** Every mail that was taken: `{to, subject, text, html, from, key}`. */
    mails: [],
    faults: [...faults],
    /** Applies to every request once `faults` is used up. */
    always: undefined,
    /** False where the vendor's description is not on this machine, so that requests were not judged by it. */
    judged: judge !== undefined,
    /** What the vendor would have refused, over all requests. */
    complaints: () => player.requests.flatMap((one) => one.complaints),
    mailsTo: (address) => player.mails.filter((mail) => mail.to === address),
    mailTo: (address, nth = 1) => until(`mail ${nth} to ${address} at Resend`, () => player.mailsTo(address)[nth - 1]),
    release: () => held.splice(0).forEach((go) => go()),
    stop: async () => {
      player.release();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const held = [];
  const taken = new Map();

  const server = http.createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => answer(incoming, outgoing, Buffer.concat(chunks).toString("utf8")));
  });

  function refuse(outgoing, entry, status, name, message, headers = {}) {
    entry.answered = status;
    outgoing.writeHead(status, { "content-type": "application/json", ...headers });
    outgoing.end(JSON.stringify({ statusCode: status, name, message }));
  }

  async function answer(incoming, outgoing, raw) {
    const entry = { method: incoming.method, path: incoming.url, headers: incoming.headers, raw, body: undefined, complaints: [] };
    player.requests.push(entry);
    const fault = player.faults.shift() ?? player.always ?? "ok";
    if (fault === "drop") {
      entry.answered = "dropped";
      return outgoing.destroy();
    }
    if (fault === "hold") await new Promise((go) => held.push(go));
    if (fault.status) {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
      const name = fault.name ?? (fault.status === 429 ? "rate_limit_exceeded" : "internal_server_error");
      return refuse(outgoing, entry, fault.status, name, "Scripted fault", headers);
    }
    if (incoming.method !== "POST" || incoming.url !== "/emails") {
      return refuse(outgoing, entry, 404, "not_found", "The requested endpoint does not exist");
    }
    // Said in Resend's documentation, not in its OpenAPI file; a Worker's `fetch` sends no such header by itself.
    if (!incoming.headers["user-agent"]) return refuse(outgoing, entry, 403, "1010", "error code: 1010");
    if (!incoming.headers.authorization) return refuse(outgoing, entry, 401, "missing_api_key", "Missing API Key");
    if (incoming.headers.authorization !== `Bearer ${key}`) return refuse(outgoing, entry, 403, "invalid_api_key", "API key is invalid");
    try {
      entry.body = JSON.parse(raw);
    } catch {
      entry.complaints.push("the body is no JSON");
      return refuse(outgoing, entry, 422, "validation_error", "The body is no JSON");
    }
    entry.complaints.push(...(judge?.(entry.body) ?? []));
    const to = [entry.body.to].flat();
    if (to.length !== 1) entry.complaints.push(`${to.length} recipients`);
    if (!incoming.headers["content-type"]?.startsWith("application/json")) entry.complaints.push("content-type is not JSON");
    if (entry.complaints.length > 0) return refuse(outgoing, entry, 422, "validation_error", entry.complaints.join("; "));

    const idempotency = incoming.headers["idempotency-key"];
    const digest = createHash("sha256").update(raw).digest("hex");
    if (idempotency !== undefined) {
      if (idempotency.length > 256 || idempotency.length === 0) {
        return refuse(outgoing, entry, 400, "invalid_idempotency_key", "The key must be 1 to 256 characters");
      }
      const before = taken.get(idempotency);
      if (before && before.digest !== digest) {
        return refuse(outgoing, entry, 409, "invalid_idempotent_request", "Same key used with a different body");
      }
      if (before) {
        entry.answered = 200;
        outgoing.writeHead(200, { "content-type": "application/json" });
        return outgoing.end(JSON.stringify({ id: before.id }));
      }
    }
    const id = randomUUID();
    if (idempotency !== undefined) taken.set(idempotency, { digest, id });
    player.mails.push({ to: to[0], from: entry.body.from, subject: entry.body.subject, text: entry.body.text, html: entry.body.html, key: idempotency });
    if (fault === "drop_after") {
      entry.answered = "dropped after it was taken";
      return outgoing.destroy();
    }
    entry.answered = 200;
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ id }));
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  player.url = `http://127.0.0.1:${server.address().port}`;
  return player;
}
