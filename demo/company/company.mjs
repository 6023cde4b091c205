// Northwind Outfitters' own API, in plain Node: what `cargo xtask dev` shows and what the tests play against.
//
// It keeps every request with its bytes and every effect, and can be told to answer a request otherwise than it would.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

import { Accounts } from "./accounts.mjs";
import { answer } from "./routes.mjs";
import { complaint } from "./signature.mjs";
import * as stocked from "./stock.mjs";

/** More than any honest request has; a body beyond it is cut off. */
const MAX_BODY = 256 * 1024;

/**
 * Starts the API. `idempotent: false` makes it one that does not know `Idempotency-Key`; `tokenSeconds` is the life of an
 * access token; `secret` (`whsec_…`) has every request judged by its Standard Webhooks signature (`request.unsigned` says
 * what is wrong); `seen(request)` is called for every request before it is answered.
 */
export async function startCompany({ port = 0, host = "127.0.0.1", tokenSeconds = 900, idempotent = true, secret, seen } = {}) {
  const held = [];
  const scripts = [];
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const company = {
    host, idempotent, now,
    accounts: new Accounts(stocked.customers(), { now, tokenSeconds }),
    orders: stocked.orders(),
    stock: stocked.stock(),
    shops: stocked.shops(),
    /** Every request: `{method, path, headers, rawHeaders, raw, json, holder, customer, unsigned, done, answered}`: `done` once the
     *  API did what was asked, `answered` the status once an answer went out. */
    requests: [],
    /** Every address that was changed: `{key, order, address, user_id}`. */
    effects: [],
    /** Answers to changes by customer and `Idempotency-Key`. */
    changed: new Map(),
    /** One more customer, with an order of their own that is being packed: `{user_id, user_name, password, email, …, order}`. */
    enrol: ({ roles = ["customer"], ...changed } = {}) => {
      const { customers } = company.accounts;
      const n = customers.length + 1;
      const phone = `+1202556${String(n).padStart(4, "0")}`;
      const customer = {
        user_id: `c${n}`, user_name: `customer${n}`, password: `Trail mix & ${randomBytes(9).toString("base64url")}`, name: `Customer ${n}`,
        email: `customer${n}@example.com`, phone, company_id: "northwind", roles, ...changed,
      };
      customers.push(customer);
      const order = { ...stocked.orders().find((one) => one.status === "being packed"), number: `NW-${5000 + n}`, user_id: customer.user_id, margin: `MARGIN-${n}` };
      company.orders.push(order);
      return { ...customer, order: order.number };
    },
    /** Moves this API's clock forward, as the tests move the edge's. */
    later: (ms) => { ahead += ms; },
    /** Requests to a path, or to any path that a pattern matches. */
    asked: (path) => company.requests.filter((one) => (path instanceof RegExp ? path.test(one.path) : one.path === path)),
    /**
     * Answers the next request otherwise (`times` of them), or the next that `when(request)` is true of: `{status, headers,
     * body, delay, hold, cut, pass}`. `body` is text, bytes or an object; `delay` is ms; `hold` waits for `release()`
     * before anything is done, or with `"after"` when all is done but the answer; `cut` is `"before"` (nothing is done, the connection breaks), `"after"` (all is done, the answer never comes) or
     * `"middle"` (it breaks in the middle of the answer); `pass` answers as usual after the delay. A function of the
     * request gives such an answer.
     */
    next: (script, { when = () => true, times = 1 } = {}) => { scripts.push({ script, when, times }); },
    /** The same for every request from now on. */
    always: (script, when) => company.next(script, { when, times: Infinity }),
    /** Answers as usual again. */
    asUsual: () => { scripts.length = 0; company.release(); },
    release: () => held.splice(0).forEach((go) => go()),
    waiting: () => held.length,
    stop: async () => {
      company.release();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  const waitForRelease = () => new Promise((go) => { held.push(go); });

  const server = http.createServer((incoming, outgoing) => {
    const chunks = [];
    let size = 0;
    incoming.on("data", (chunk) => {
      size += chunk.length;
      if (size > MAX_BODY) incoming.destroy();
      else chunks.push(chunk);
    });
    incoming.on("error", () => outgoing.destroy());
    incoming.on("end", () => serve(incoming, outgoing, Buffer.concat(chunks)).catch((error) => {
      console.error(`company: ${error.stack}`);
      outgoing.destroy();
    }));
  });

  async function serve(incoming, outgoing, raw) {
    const { method, headers } = incoming;
    const request = { method, path: incoming.url, headers, rawHeaders: incoming.rawHeaders, raw: raw.toString("utf8"), json: parsed(raw), answered: undefined };
    request.holder = company.accounts.holder(headers.authorization);
    request.customer = company.accounts.bearer(headers.authorization);
    if (secret) request.unsigned = complaint({ headers, raw }, secret, now());
    company.requests.push(request);
    seen?.(request);

    const script = scripted(request);
    if (script?.delay) await new Promise((go) => { setTimeout(go, script.delay); });
    if (script?.hold && script.hold !== "after") await waitForRelease();
    if (script?.cut === "before") return outgoing.destroy();
    const usual = !script || script.pass || (script.status === undefined && script.body === undefined);
    const url = usual ? target(incoming.url) : undefined;
    const given = usual ? (url ? answer(company, { method, url, headers, json: request.json }) : { status: 400, body: { success: false, message: "That address is none." } }) : script;
    request.done = true;
    if (script?.hold === "after") await waitForRelease();
    if (script?.cut === "after") return outgoing.destroy();
    send(request, outgoing, given, script?.cut === "middle");
  }

  function scripted(request) {
    const index = scripts.findIndex(({ when }) => when(request));
    if (index < 0) return undefined;
    const { script } = scripts[index];
    scripts[index].times -= 1;
    if (scripts[index].times <= 0) scripts.splice(index, 1);
    return typeof script === "function" ? script(request) : script;
  }

  server.listen(port, host);
  await Promise.race([once(server, "listening"), once(server, "error").then(([error]) => { throw error; })]);
  company.port = server.address().port;
  company.url = `http://${host}:${company.port}`;
  return company;
}

function send(request, outgoing, { status = 200, headers = {}, body = "" }, cut) {
  const page = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = page ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  const kind = page ? "text/html; charset=utf-8" : "application/json";
  request.answered = status;
  outgoing.writeHead(status, { "content-type": kind, "cache-control": "no-store", "content-length": bytes.length, ...headers });
  if (!cut) return outgoing.end(bytes);
  outgoing.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => outgoing.destroy());
}

function target(text) {
  try {
    return new URL(text, "http://company.invalid");
  } catch {
    return undefined;
  }
}

function parsed(raw) {
  try {
    return raw.length > 0 ? JSON.parse(raw.toString("utf8")) : undefined;
  } catch {
    return undefined;
  }
}
