// Conversations as members see them: listed by what their trail tells, shown redacted, and who looks is noted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { Holder, apiToken, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";
import { until } from "../rig/wait.mjs";

const HERE = "agents/ag_northwind/conversations";

let edge;
let owner;
let signedIn;
let asked;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other")] });
  owner = await ownerOf(edge);
  signedIn = new Visitor(edge);
  const { line } = await signedIn.signIn("ana@example.com");
  await line.say("Write to ana@example.com or call +49 30 1234567, my order is NW-104233");
  await line.until("the answer", (frame) => frame.type === "answer");
  asked = new Visitor(edge);
  await asked.askForCard(await asked.connect());
  await until("both to be listed", async () => {
    const { conversations } = (await owner.get(HERE)).json();
    return conversations.some(({ outcome }) => outcome === "signed_in") && conversations.some(({ outcome }) => outcome === "asked");
  });
});
after(async () => {
  await signedIn?.leave();
  await asked?.leave();
  await edge?.stop();
});

const listed = async (query = "", who = owner) => (await who.get(`${HERE}${query}`)).json();

test("questions of no shape are refused", async () => {
  for (const query of ["?limit=x", "?state=gone", "?method=magic", "?before=-1", "?from=1"]) assertProblem(await owner.get(HERE + query), 400, "bad_request");
  for (const query of ["?limit=0", "?limit=201"]) assertProblem(await owner.get(HERE + query), 422, "invalid");
  assertProblem(await owner.get(`${HERE}/ag_northwind.AAAAAAAAAAAAAAAAAAAAAA`), 404, "not_found");
  assertProblem(await owner.get(`${HERE}/${signedIn.conversation}?after=x`), 400, "bad_request");
  assertProblem(await owner.get(`agents/ag_other/conversations/${signedIn.conversation}`), 404, "not_found");
});

test("the list says state, method and outcome, newest first, page by page", async () => {
  // What is handed over to the trail late moves its conversation up.
  await until("the trail to be quiet", async () => {
    const before = JSON.stringify(await listed());
    await new Promise((resolve) => setTimeout(resolve, 500));
    return before === JSON.stringify(await listed());
  });
  const { conversations } = await listed();
  const mine = conversations.find(({ id }) => id === signedIn.conversation);
  assert.deepEqual([mine.state, mine.method, mine.outcome], ["authenticated", "email_code", "signed_in"]);
  assert.match(mine.person, /^[A-Za-z0-9_-]{43}$/);
  assert.ok(mine.entries >= 4 && mine.began < mine.newest);
  const theirs = conversations.find(({ id }) => id === asked.conversation);
  assert.deepEqual([theirs.state, theirs.method, theirs.outcome], ["pending", undefined, "asked"]);
  assert.deepEqual((await listed("?state=pending")).conversations.map(({ id }) => id), [asked.conversation]);
  assert.ok((await listed("?method=email_code")).conversations.every(({ method }) => method === "email_code"));
  assert.deepEqual((await listed("?method=google")).conversations, []);
  const pages = [];
  for (let next = ""; next !== undefined;) {
    const page = await listed(`?limit=1${next === "" ? "" : `&before=${next}`}`);
    assert.ok(page.conversations.length <= 1);
    pages.push(...page.conversations.map(({ id }) => id));
    next = page.next;
  }
  assert.deepEqual(pages, conversations.map(({ id }) => id));
});

test("a conversation is shown without addresses and numbers, and with what was done", async () => {
  const answer = await owner.get(`${HERE}/${signedIn.conversation}`);
  assert.equal(answer.status, 200, answer.text);
  for (const secret of ["ana@", "1234567", "30 123"]) assert.ok(!answer.text.includes(secret), secret);
  assert.ok(answer.text.includes("a•••@example.com") && answer.text.includes("•••67") && answer.text.includes("NW-104233"));
  const { state, frames, newest, trail, summary } = answer.json();
  assert.equal(state, "authenticated");
  assert.equal(summary.id, signedIn.conversation);
  assert.equal(frames.at(-1).seq, newest);
  const kinds = trail.map(({ kind }) => kind);
  for (const kind of ["conversation_opened", "login_requested", "code_sent", "login_succeeded", "data_read"]) assert.ok(kinds.includes(kind), kind);
  assert.equal(trail.find(({ kind }) => kind === "login_succeeded").detail.method, "email_code");
});

test("a live view asks for what is new alone", async () => {
  const path = `${HERE}/${asked.conversation}`;
  const { newest } = (await owner.get(path)).json();
  assert.deepEqual((await owner.get(`${path}?after=${newest}`)).json().frames, []);
  const line = await asked.connect();
  await line.say("Are you there?");
  const { frames } = await until("the message to be seen", async () => {
    const seen = (await owner.get(`${path}?after=${newest}`)).json();
    return seen.frames.some(({ text }) => text === "Are you there?") && seen;
  });
  assert.ok(frames.every(({ seq }) => seq > newest));
});

test("who looked is noted once an hour, and does not move the conversation up", async () => {
  const reads = (await edge.ledger("ag_northwind")).filter(({ kind, conversation }) => kind === "conversation_read" && conversation === signedIn.conversation);
  assert.equal(reads.length, 1);
  assert.match(reads[0].detail.by, /^[A-Za-z0-9_-]{43}$/);
  const order = async () => (await listed()).conversations.map(({ id }) => id);
  const [newest, ...older] = await order();
  for (const id of older) assert.equal((await owner.get(`${HERE}/${id}`)).status, 200);
  assert.deepEqual(await order(), [newest, ...older]);
});

test("an editor and a token without the scope see none of it", async () => {
  const editor = await memberOf(edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  const other = new Holder(edge, await apiToken(edge, { scopes: ["settings:read", "audit:read"] }));
  for (const who of [editor, other]) {
    assertProblem(await who.get(HERE), 403, "not_allowed");
    assertProblem(await who.get(`${HERE}/${signedIn.conversation}`), 403, "not_allowed");
  }
  const reader = new Holder(edge, await apiToken(edge, { scopes: ["conversations:read"] }));
  assert.equal((await reader.get(`${HERE}/${signedIn.conversation}`)).status, 200);
});

test("a live view that is left open keeps no session alive; whoever does something keeps theirs", async () => {
  const [watcher, reader] = [await ownerOf(edge, "watcher@example.com"), await ownerOf(edge, "reader@example.com")];
  const path = `${HERE}/${signedIn.conversation}`;
  for (let hours = 0; hours < 15; hours += 5) {
    await edge.later(5 * 3_600_000);
    await watcher.get(`${path}?after=0`);
    assert.equal((await reader.get(path)).status, 200);
  }
  assertProblem(await watcher.get(`${path}?after=0`), 401, "signed_out");
  assert.equal((await reader.get(path)).status, 200);
});
