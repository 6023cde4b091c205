// Members: invitations by mail, roles, removal, and the owner that an agent never loses.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { mailNumber } from "../rig/inbox.mjs";
import { Holder, Member, apiToken, assertProblem, memberOf, ownerOf } from "../rig/members.mjs";

const HERE = "agents/ag_northwind/members";

let edge;
let owner;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other"), agent("ag_third"), agent("ag_fourth")] });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

const everybody = async (who = owner, path = HERE) => (await who.get(path)).json();
const idOf = async (email, who = owner, path = HERE) => (await everybody(who, path)).members.find((one) => one.email === email)?.id;
const linkOf = (mail) => /^https:\/\/\S+\/console\/claim#([A-Za-z0-9_-]{43})$/m.exec(mail.text)[1];

/** Invites, and gives the token of the link that was mailed. `nth` counts the mails to the address. */
async function invite(email, role, nth = 1, who = owner, path = HERE) {
  const invited = await who.post(path, { email, role });
  assert.equal(invited.status, 201, invited.text);
  return { token: linkOf(await mailNumber(edge, email, nth)), invited };
}

/** Invited, signed in and a member. */
async function joined(email, role, path = HERE) {
  const { token } = await invite(email, role, 1, owner, path);
  const member = await new Member(edge, email).signIn();
  assert.equal((await member.post("claim", { token })).status, 204);
  return member;
}

test("what is no address, no role or no invitation is refused, field by field", async () => {
  for (const email of ["", "ana", "ana@", "ana@example.com, bo@example.com", "Ana <ana@example.com>", "ana@exámple.com\r\nbcc: x@example.com", "a".repeat(5000)]) {
    assert.equal(assertProblem(await owner.post(HERE, { email, role: "editor" }), 422, "invalid").errors[0].pointer, "/email");
  }
  for (const body of [{ email: "ana@example.com" }, { email: "ana@example.com", role: "admin" }, { email: "ana@example.com", role: "owner", agent: "*" }, [], "x"]) {
    assertProblem(await owner.post(HERE, body), 400, "bad_request");
  }
  assert.deepEqual((await everybody()).invitations, []);
});

test("an invitation makes whoever has the address a member, and nobody else", async () => {
  const { token, invited } = await invite("Ana@Example.com".toLowerCase(), "editor");
  const { id, email, role, everywhere, over } = invited.json();
  assert.deepEqual([email, role, everywhere, over], ["ana@example.com", "editor", false, false]);
  assert.match(id, /^i_[A-Za-z0-9_-]{43}$/);
  assert.ok(!invited.text.includes(token), "the link is in the mail alone");
  assert.deepEqual((await everybody()).invitations.map((one) => one.id), [id]);
  const stranger = await new Member(edge, "stranger@example.com").signIn();
  assertProblem(await stranger.post("claim", { token }), 422, "invalid");
  const ana = await new Member(edge, "ana@example.com").signIn();
  assert.equal((await ana.post("claim", { token })).status, 204);
  assertProblem(await ana.post("claim", { token }), 422, "invalid");
  assert.deepEqual((await ana.get("me")).json(), { email: "ana@example.com", agents: [{ agent: "ag_northwind", role: "editor" }] });
  const { members, invitations } = await everybody();
  assert.deepEqual(invitations, []);
  assert.deepEqual(members.map((one) => [one.email, one.role, one.everywhere, one.you]), [["ana@example.com", "editor", false, false], ["owner@example.com", "owner", true, true]]);
  // An editor does not see who else there is.
  assertProblem(await ana.get(HERE), 403, "not_allowed");
  assertProblem(await owner.post(HERE, { email: "ana@example.com", role: "owner" }), 409, "conflict");
});

test("a second invitation replaces the first", async () => {
  const first = await invite("bo@example.com", "analyst");
  const second = await invite("bo@example.com", "editor", 2);
  assert.equal((await everybody()).invitations.filter((one) => one.email === "bo@example.com").length, 1);
  const bo = await new Member(edge, "bo@example.com").signIn();
  assertProblem(await bo.post("claim", { token: first.token }), 422, "invalid");
  assert.equal((await bo.post("claim", { token: second.token })).status, 204);
  assert.equal((await bo.get("me")).json().agents[0].role, "editor");
});

test("an invitation that was taken back is no good", async () => {
  const { token, invited } = await invite("cy@example.com", "owner");
  const path = `${HERE}/${invited.json().id}`;
  assertProblem(await owner.del(`agents/ag_other/members/${invited.json().id}`), 404, "not_found");
  assert.equal((await owner.del(path)).status, 204);
  assertProblem(await owner.del(path), 404, "not_found");
  const cy = await new Member(edge, "cy@example.com").signIn();
  assertProblem(await cy.post("claim", { token }), 422, "invalid");
});

test("an address gets five invitations a day, whoever sends them", async () => {
  for (let n = 0; n < 5; n += 1) assert.equal((await owner.post(HERE, { email: "many@example.com", role: "analyst" })).status, 201);
  const sixth = assertProblem(await owner.post("agents/ag_other/members", { email: "many@example.com", role: "analyst" }), 429, "too_often");
  assert.ok(sixth.retry_after_s > 3600);
});

test("another role, and a removal, bite at the next request", async () => {
  const dee = await joined("dee@example.com", "owner");
  assert.equal((await dee.get(HERE)).status, 200);
  const id = await idOf("dee@example.com");
  assert.equal((await owner.patch(`${HERE}/${id}`, { role: "editor" })).status, 204);
  assertProblem(await dee.get(HERE), 403, "not_allowed");
  assert.equal((await dee.get("agents/ag_northwind")).json().role, "editor");
  assertProblem(await owner.patch(`${HERE}/${id}`, { role: "boss" }), 400, "bad_request");
  assert.equal((await owner.del(`${HERE}/${id}`)).status, 204);
  assertProblem(await dee.get("agents/ag_northwind"), 404, "not_found");
  assertProblem(await owner.del(`${HERE}/${id}`), 404, "not_found");
  assertProblem(await owner.patch(`${HERE}/${id}`, { role: "editor" }), 404, "not_found");
});

test("what somebody invited to is over when they are no owner any more, and what others invited to is not", async () => {
  const inviter = await joined("inviter@example.com", "owner");
  const { token } = await invite("friend@example.com", "owner", 1, inviter);
  const { token: other } = await invite("guest@example.com", "editor");
  const friend = await new Member(edge, "friend@example.com").signIn();
  const guest = await new Member(edge, "guest@example.com").signIn();
  assert.equal((await owner.patch(`${HERE}/${await idOf("inviter@example.com")}`, { role: "editor" })).status, 204);
  const waiting = (await everybody()).invitations.map(({ email }) => email);
  assert.ok(waiting.includes("guest@example.com") && !waiting.includes("friend@example.com"), waiting.join());
  assertProblem(await friend.post("claim", { token }), 422, "invalid");
  assert.equal((await guest.post("claim", { token: other })).status, 204);
  for (const email of ["inviter@example.com", "guest@example.com"]) assert.equal((await owner.del(`${HERE}/${await idOf(email)}`)).status, 204);
});

test("ids of nobody, of no shape or of another agent find nobody", async () => {
  const person = "p".repeat(43);
  for (const id of [`m_${person}`, `e_${person}`, `i_${person}`, "m_", "x", person]) {
    assertProblem(await owner.patch(`${HERE}/${id}`, { role: "editor" }), 404, "not_found");
    assertProblem(await owner.del(`${HERE}/${id}`), 404, "not_found");
  }
});

test("a member of every agent is shown as such, and changed by such an owner alone", async () => {
  const eve = await joined("eve@example.com", "owner", "agents/ag_other/members");
  const path = "agents/ag_other/members";
  const id = await idOf("owner@example.com", eve, path);
  assert.match(id, /^e_/);
  assertProblem(await eve.patch(`${path}/${id}`, { role: "analyst" }), 403, "not_allowed");
  assertProblem(await eve.del(`${path}/${id}`), 403, "not_allowed");
  assertProblem(await eve.post(path, { email: "fay@example.com", role: "owner", everywhere: true }), 403, "not_allowed");
  const invited = await owner.post(path, { email: "fay@example.com", role: "analyst", everywhere: true });
  assert.equal(invited.status, 201, invited.text);
  assertProblem(await eve.del(`${path}/${invited.json().id}`), 403, "not_allowed");
  const fay = await new Member(edge, "fay@example.com").signIn();
  assert.equal((await fay.post("claim", { token: linkOf(await mailNumber(edge, "fay@example.com")) })).status, 204);
  assert.equal((await fay.get("me")).json().everywhere, "analyst");
  assert.equal((await owner.del(`${path}/${await idOf("fay@example.com", owner, path)}`)).status, 204);
  assert.equal((await fay.get("me")).json().everywhere, undefined);
});

test("the deployment keeps its last owner", async () => {
  const path = `${HERE}/${await idOf("owner@example.com")}`;
  assertProblem(await owner.del(path), 409, "conflict");
  assertProblem(await owner.patch(path, { role: "editor" }), 409, "conflict");
  assert.equal((await owner.patch(path, { role: "owner" })).status, 204);
});

test("of owners who remove or demote each other at the same moment one stays", async () => {
  const path = "agents/ag_third/members";
  await edge.sql([["DELETE FROM member WHERE agent = 'ag_third'"]]);
  const changes = [(who, id) => who.del(`${path}/${id}`), (who, id) => who.patch(`${path}/${id}`, { role: "analyst" })];
  for (const [way, change] of changes.entries()) {
    const pair = [];
    for (const name of ["gus", "hal"]) pair.push(await memberOf(edge, { email: `${name}${way}@example.com`, agent: "ag_third" }));
    // An owner of every agent would be one more; for this test there is none.
    await edge.sql([["UPDATE member SET role = 'analyst' WHERE agent = '*'"]]);
    try {
      const [gus, hal] = [await idOf(`gus${way}@example.com`, pair[0], path), await idOf(`hal${way}@example.com`, pair[0], path)];
      const answers = await Promise.all([change(pair[0], hal), change(pair[1], gus)]);
      const db = await edge.database();
      const { n } = await db.prepare("SELECT count(*) AS n FROM member WHERE agent = 'ag_third' AND role = 'owner'").first();
      assert.equal(n, 1, answers.map(({ status }) => status).join(" "));
    } finally {
      await edge.sql([["UPDATE member SET role = 'owner' WHERE agent = '*'"], ["DELETE FROM member WHERE agent = 'ag_third'"]]);
    }
  }
});

test("an invitation is over after seven days", async () => {
  const { token } = await invite("ivy@example.com", "editor", 1, owner, "agents/ag_fourth/members");
  const ivy = await new Member(edge, "ivy@example.com").signIn();
  await edge.sql([["UPDATE invitation SET expires_at = ? WHERE email = 'ivy@example.com'", Date.now() - 1]]);
  assert.equal((await everybody(owner, "agents/ag_fourth/members")).invitations[0].over, true);
  assertProblem(await ivy.post("claim", { token }), 422, "invalid");
});

test("no API token reaches members", async () => {
  const scopes = ["settings:read", "settings:write", "collections:read", "collections:write", "conversations:read", "audit:read"];
  const holder = new Holder(edge, await apiToken(edge, { scopes }));
  assertProblem(await holder.get(HERE), 403, "not_allowed");
  assertProblem(await holder.post(HERE, { email: "x@example.com", role: "owner" }), 403, "not_allowed");
});

test("the trail says who was invited, joined, changed and removed, and holds no address", async () => {
  const entries = await edge.ledger("ag_northwind");
  const kinds = new Set(entries.map(({ kind }) => kind));
  for (const kind of ["member_invited", "invitation_removed", "member_joined", "member_changed", "member_removed"]) assert.ok(kinds.has(kind), kind);
  assert.ok(!JSON.stringify(entries).includes("@"));
  assert.ok(!JSON.stringify(entries).includes("[address]"));
});
