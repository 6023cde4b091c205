// Which sites have loaded the chat, or tried to: what browsers say of the page around it, and nothing about visitors.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";
import { assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { until } from "../rig/wait.mjs";

const HOUR = 3_600_000;
let edge;
let owner;
let made = 0;
let id;

before(async () => {
  const agents = Array.from({ length: 12 }, (_, n) => agent(`ag_load${n}`, { origins: ["https://shop.test", "https://*.shops.test"] }));
  edge = await startEdge({ agents });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());
beforeEach(() => {
  id = `ag_load${made}`;
  made += 1;
});

/** A frame that a page asks for; its browser says where the page is. */
async function load(referer, { dest = "iframe", agent: of = id, headers = {} } = {}) {
  const said = { ...(referer === undefined ? {} : { referer }), ...(dest ? { "sec-fetch-dest": dest } : {}), ...headers };
  return (await request(`${edge.url}/frame/${of}`, { headers: said })).status;
}
const loads = async (of = id) => (await owner.get(`agents/${of}/install`)).json();
const sites = async (of = id) => (await loads(of)).map(({ origin }) => origin).sort();
const written = async (of) => (await (await edge.database()).prepare("SELECT sum(at) AS at FROM page_load WHERE agent = ?").bind(of).first()).at;
/** Waits until a site is noted; it is after the answer. */
const noted = (origin, of) => until(`${origin} to be noted`, async () => (await sites(of)).includes(origin));

test("a site that loads the chat is noted by its origin alone, and whether it was allowed", async () => {
  assert.deepEqual(await loads(), []);
  assert.equal(await load("https://shop.test/cart?email=ana@example.com#secret"), 200);
  await noted("https://shop.test");
  await load("https://a.shops.test/");
  await noted("https://a.shops.test");
  await load("https://other.test/page");
  await noted("https://other.test");
  const found = (await owner.get(`agents/${id}/install`)).json();
  assert.deepEqual(found.map(({ origin, allowed_then, allowed_now }) => [origin, allowed_then, allowed_now]).sort(), [
    ["https://a.shops.test", true, true], ["https://other.test", false, false], ["https://shop.test", true, true],
  ]);
  for (const { at } of found) assert.ok(Math.abs(at - Date.now() - edge.ahead()) < 60_000);
  const rows = (await (await edge.database()).prepare("SELECT * FROM page_load").all()).results;
  assert.doesNotMatch(JSON.stringify(rows), /cart|ana|secret/);
});

test("what is no page around the chat is not noted", async () => {
  const strange = [
    undefined, "", "nonsense", "about:blank", "/cart", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "android-app://com.shop/",
    "https://", "https://[::1]/", "https://a b.test/", "https://<script>.test/", "https://shop_1.test/", `https://${"a".repeat(10_000)}.test/`, edge.origin, `${edge.origin}/console`,
  ];
  for (const referer of strange) assert.equal(await load(referer), 200, referer);
  for (const dest of [undefined, "document", "empty", "script"]) await load("https://seen.test/", { dest: dest ?? false });
  assert.equal(await load("https://seen.test/", { agent: "ag_unknown" }), 404);
  // What comes after them is noted after them.
  await load("https://shop.test/");
  await noted("https://shop.test");
  assert.deepEqual(await sites(), ["https://shop.test"]);
});

test("a site is written once an hour however often it loads, and at once when it is allowed", async () => {
  await load("https://late.test/");
  await noted("https://late.test");
  const before = await written(id);
  await edge.later(HOUR / 2);
  for (let n = 0; n < 20; n += 1) await load(`https://late.test/${n}`);
  await load("https://shop.test/");
  await noted("https://shop.test");
  const [, refused] = await loads();
  assert.deepEqual([refused.origin, refused.at, refused.allowed_then], ["https://late.test", before, false]);
  const { version } = (await owner.get(`agents/${id}`)).json();
  const saved = await owner.patch(`agents/${id}`, { origins: ["https://shop.test", "https://late.test"] }, version);
  assert.equal(saved.status, 200, saved.text);
  const one = async () => (await loads()).find(({ origin }) => origin === "https://late.test");
  assert.deepEqual([(await one()).allowed_then, (await one()).allowed_now], [false, true]);
  await load("https://late.test/");
  await until("it to be noted as allowed", async () => (await one()).allowed_then);
  await edge.later(HOUR + 1);
  const half = (await one()).at;
  await load("https://late.test/");
  await until("a later time", async () => (await one()).at > half);
});

test("a flood of made up sites writes ten, and takes no place of one that is allowed", async () => {
  await load("https://shop.test/");
  await noted("https://shop.test");
  await Promise.all(Array.from({ length: 300 }, (_, n) => load(`https://flood${n}.test/`)));
  await until("ten of them", async () => (await loads()).length === 11);
  await load("https://b.shops.test/");
  await noted("https://b.shops.test");
  assert.equal((await loads()).length, 12);
  // An hour later new ones take the places of the old.
  await edge.later(HOUR + 1);
  await load("https://mine.test/");
  await noted("https://mine.test");
  const found = await sites();
  assert.equal(found.filter((origin) => origin.includes("flood")).length, 9);
  assert.ok(found.includes("https://shop.test"));
});

test("owners and tokens that read settings see it, of their own agent; an archived agent's frame is not there and notes nothing", async () => {
  await load("https://shop.test/");
  await noted("https://shop.test");
  const editor = await memberOf(edge, { email: `editor-${id}@example.com`, agent: id, role: "editor" });
  assertProblem(await editor.get(`agents/${id}/install`), 403, "not_allowed");
  const other = await memberOf(edge, { email: `other-${id}@example.com`, agent: "ag_load11", role: "owner" });
  assertProblem(await other.get(`agents/${id}/install`), 404, "not_found");
  assertProblem(await other.post(`agents/ag_load11/install`, {}), 405, "method_not_allowed");
  assert.equal((await owner.post(`agents/${id}/archive`, {})).status, 204);
  assert.equal(await load("https://other.test/"), 404);
  assert.deepEqual(await sites(), ["https://shop.test"]);
});
