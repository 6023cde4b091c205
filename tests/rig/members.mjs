// Members of the console: people who sign in under the console's agent, with roles, and clients of the admin API.
import { createHash, randomBytes } from "node:crypto";

import { Visitor } from "./client.mjs";
import { request } from "./http.mjs";

export const CONSOLE = "ag_console";
const YEAR_MS = 365 * 86_400_000;

const hash = (token) => createHash("sha256").update(token).digest("base64url");

/** A one-time token that makes whoever uses it a member; `agent` is `*` for every agent. */
export async function invitation(edge, { agent = "*", role = "owner", lives_ms = YEAR_MS } = {}) {
  const token = randomBytes(32).toString("base64url");
  const now = Date.now();
  await edge.sql([["INSERT INTO invitation (hash, agent, role, at, expires_at) VALUES (?, ?, ?, ?, ?)", hash(token), agent, role, now, now + lives_ms]]);
  return token;
}

/** An API token of these scopes, stored as the edge stores them. */
export async function apiToken(edge, { agent = "ag_northwind", scopes = [], lives_ms = YEAR_MS } = {}) {
  const token = `cst_${randomBytes(32).toString("base64url")}`;
  const now = Date.now();
  await edge.sql([[
    "INSERT INTO api_token (hash, id, agent, name, scopes, by, at, expires_at) VALUES (?, ?, ?, 'a test', ?, 'nobody', ?, ?)",
    hash(token), randomBytes(9).toString("base64url"), agent, JSON.stringify(scopes), now, now + lives_ms,
  ]]);
  return token;
}

/** What of the admin API somebody asks. */
class Client {
  get(path, options) { return this.ask("GET", path, undefined, options); }
  post(path, body = {}, options) { return this.ask("POST", path, body, options); }
  put(path, body, options) { return this.ask("PUT", path, body, options); }
  patch(path, body, version, options = {}) {
    const headers = version === undefined ? {} : { "if-match": `"${version}"` };
    return this.ask("PATCH", path, body, { ...options, headers: { ...headers, ...options.headers } });
  }

  del(path, options) { return this.ask("DELETE", path, undefined, options); }
}

/** Somebody who is signed in to the console. Paths are what follows `/api/admin/`. */
export class Member extends Client {
  constructor(edge, email) {
    super();
    Object.assign(this, { edge, email, visitor: new Visitor(edge, { agent: CONSOLE }) });
  }

  /** Signs in, by the card that is open at once. */
  async signIn() {
    const { visitor, email } = this;
    await visitor.arrive();
    const { frames } = await visitor.arrive();
    const card = frames.find((frame) => frame.type === "card").card.id;
    const verified = await visitor.verify(card, await visitor.codeFor(card, email));
    if (verified.status !== 200) throw new Error(`verify answered ${verified.status}: ${verified.text}`);
    return this;
  }

  ask(method, path, body, { headers = {}, raw } = {}) {
    return this.visitor.send(`/api/admin/${path}`, { method, body, raw, headers });
  }
}

/** Whoever holds an API token, or nobody. */
export class Holder extends Client {
  constructor(edge, token) {
    super();
    Object.assign(this, { edge, token });
  }

  ask(method, path, body, { headers = {}, raw } = {}) {
    const sent = { "content-type": "application/json", ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...headers };
    return request(`${this.edge.url}/api/admin/${path}`, { method, headers: sent, body: raw ?? (body === undefined ? undefined : JSON.stringify(body)) });
  }
}

/** A member with this role, signed in. */
export async function memberOf(edge, { email = "owner@example.com", agent = "*", role = "owner" } = {}) {
  const member = await new Member(edge, email).signIn();
  const claimed = await member.post("claim", { token: await invitation(edge, { agent, role }) });
  if (claimed.status !== 204) throw new Error(`claim answered ${claimed.status}: ${claimed.text}`);
  return member;
}

/** The deployment's owner, signed in. */
export const ownerOf = (edge, email = "owner@example.com") => memberOf(edge, { email });

/** Insists on problem details of this status and code (RFC 9457), with nothing of our insides in them. */
export function assertProblem(response, status, code) {
  const { text } = response;
  if (response.status !== status) throw new Error(`expected ${status} ${code}, got ${response.status}: ${text.slice(0, 300)}`);
  const body = response.json();
  const fine = body.code === code && body.status === status && body.title.length > 10 && body.request_id
    && /^application\/problem\+json/.test(response.headers["content-type"])
    && !/panick|\.rs\b|stack|sqlite|D1_|unwrap|wasm|undefined/i.test(text.replaceAll(body.request_id, "ID"));
  if (!fine) throw new Error(`not the problem ${code}: ${text.slice(0, 300)}`);
  return body;
}
