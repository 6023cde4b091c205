// Every admin route × every method × everybody who may ask: what `docs/admin-api.md` says against what the edge does.
import fs from "node:fs";
import path from "node:path";

import { agent } from "./agents.mjs";
import { startEdge } from "./edge.mjs";
import { Holder, Member, apiToken, memberOf } from "./members.mjs";
import { root } from "./paths.mjs";

export const VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
export const SCOPES = ["settings:read", "settings:write", "collections:read", "collections:write", "conversations:read", "audit:read"];
const HERE = "ag_northwind";
const OTHER = "ag_other";

/** What stands for each part of a path. */
const NAMES = { agent: HERE, name: "twilio", collection: "staff", record: "nobody", import: "none", conversation: `${HERE}.AAAAAAAAAAAAAAAAAAAAAA`, member: "none", token_id: "none" };

/** What is sent where an empty object would not show who may. */
const BODIES = { "claim POST": { token: "x" }, "agents POST": { name: "" } };

/** The rows of the table: path, method, and for each role and scope what it opens. */
export function documented() {
  const text = fs.readFileSync(path.join(root, "docs/admin-api.md"), "utf8");
  const lines = text.slice(text.indexOf("| path | method |")).split("\n").slice(2);
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(0, end).map((line) => {
    const [route, verb, analyst, editor, owner, scope] = line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""));
    return { route, verb, opens: { analyst, editor, owner }, scope };
  });
}

/** Everybody who asks, with what they are. */
async function everybody(edge) {
  const late = await memberOf(edge, { email: "late@example.com", agent: HERE });
  // Longer than a session of the console may be idle, and everybody else comes after it.
  await edge.later(13 * 3_600_000);
  const gone = await memberOf(edge, { email: "gone@example.com", agent: HERE });
  await gone.visitor.arrive();
  const kept = new Map(gone.visitor.cookies);
  await gone.visitor.signOut({ everywhere: true });
  gone.visitor.cookies = kept;
  const removed = await memberOf(edge, { email: "removed@example.com", agent: HERE });
  await edge.sql([["DELETE FROM member WHERE email = 'removed@example.com'"]]);
  const owner = await memberOf(edge, { email: "owner@example.com", agent: HERE });
  const framed = (headers) => ({ ask: (method, where, body) => owner.ask(method, where, body, { headers }) });
  const all = { scopes: SCOPES };
  const revoked = new Holder(edge, await apiToken(edge, all));
  await revoked.get("me");
  await edge.sql([["DELETE FROM api_token WHERE scopes = ? AND agent = ?", JSON.stringify(SCOPES), HERE]]);
  const year = 2 * 365 * 86_400_000;
  const everywhere = await memberOf(edge, { email: "all@example.com" });
  const people = [
    { name: "nobody", is: "nobody", who: new Member(edge, "nobody@example.com") },
    { name: "session over", is: "nobody", who: late },
    { name: "session revoked", is: "nobody", who: gone },
    { name: "token over", is: "nobody", who: new Holder(edge, await apiToken(edge, { ...all, lives_ms: -1 })) },
    { name: "token revoked", is: "nobody", who: revoked },
    { name: "no token", is: "nobody", who: new Holder(edge, "cst_none") },
    { name: "no member", is: "stranger", who: await new Member(edge, "stranger@example.com").signIn() },
    { name: "removed member", is: "stranger", who: removed },
    { name: "another agent's owner", is: "stranger", who: await memberOf(edge, { email: "other@example.com", agent: OTHER }) },
    { name: "analyst", is: "analyst", who: await memberOf(edge, { email: "analyst@example.com", agent: HERE, role: "analyst" }) },
    { name: "editor", is: "editor", who: await memberOf(edge, { email: "editor@example.com", agent: HERE, role: "editor" }) },
    { name: "owner", is: "owner", who: owner },
    { name: "owner everywhere", is: "owner", everywhere: true, who: everywhere },
    { name: "owner, another page", is: "owner", foreign: "site", who: framed({ origin: "https://shop.test", "sec-fetch-site": "cross-site" }) },
    { name: "owner, no header", is: "owner", foreign: "change", who: framed({ "x-countersign": undefined }) },
    { name: "another agent's token", is: "token", elsewhere: true, scopes: SCOPES, who: new Holder(edge, await apiToken(edge, { ...all, agent: OTHER, lives_ms: year })) },
    { name: "token, every scope", is: "token", scopes: SCOPES, who: new Holder(edge, await apiToken(edge, { ...all, lives_ms: year })) },
  ];
  for (const scope of SCOPES) people.push({ name: `token ${scope}`, is: "token", scopes: [scope], who: new Holder(edge, await apiToken(edge, { scopes: [scope], lives_ms: year })) });
  return people;
}

/** What the documentation says: a refusal, or `in`. */
function expected(row, person) {
  if (!row) return "405";
  const { route, verb, opens, scope } = row;
  if (person.is === "nobody") return "401";
  if (person.foreign === "site" || (person.foreign && verb !== "GET")) return "403";
  const ofAgent = route.startsWith("agents/");
  if (person.is === "token") {
    if (ofAgent && person.elsewhere) return "404";
    return scope === "any" || person.scopes.includes(scope) ? "in" : "403";
  }
  if (person.is === "stranger") {
    if (ofAgent) return "404";
    return opens.owner === "everywhere" ? "403" : "in";
  }
  const says = opens[person.is];
  return says === "yes" || (says === "everywhere" && person.everywhere) ? "in" : "403";
}

/** What an answer was. Whoever got in may hear that what they named is not there; an address without a name is there. */
function was({ status, text }, named) {
  if (status === 401) return "401";
  if (status === 403 || status === 405) return String(status);
  if (status === 404) return named ? "404 or in" : "404";
  if (status >= 500) return `${status} ${text.slice(0, 80)}`;
  return "in";
}

/** Asks everything. `table` has a line for each route and method, and a cell for each who asks. */
export async function matrix() {
  const edge = await startEdge({ agents: [agent(HERE), agent(OTHER)] });
  try {
    const rows = documented();
    const routes = [...new Set(rows.map(({ route }) => route))];
    const people = await everybody(edge);
    const wrong = [];
    const table = [];
    let asked = 0;
    for (const route of routes) {
      for (const verb of VERBS) {
        const row = rows.find((one) => one.route === route && one.verb === verb);
        const where = route.replace(/\{(\w+)\}/g, (_, part) => NAMES[part]);
        const named = /\{(?!agent\})\w+\}/.test(route);
        // A body that HTTP gives no length to would be read as the next request.
        const body = verb === "GET" || verb === "DELETE" ? undefined : BODIES[`${route} ${verb}`] ?? {};
        const answers = await Promise.all(people.map((person) => person.who.ask(verb, where, body)));
        asked += answers.length;
        table.push([route, verb, ...answers.map((answer, n) => {
          const right = expected(row, people[n]);
          const got = was(answer, named);
          const fine = got === right || (got === "404 or in" && (right === "404" || right === "in"));
          if (!fine) wrong.push(`${verb} ${route} by ${people[n].name}: ${got} ${answer.text.slice(0, 60)}, documented ${right}`);
          return fine ? right : `${got} (${right})`;
        })]);
      }
    }
    return { wrong, asked, table, people: people.map(({ name }) => name), routes: routes.length };
  } finally {
    await edge.stop();
  }
}
