// Collections and their records: fields, keys, search, undo, what settings use, and what ends with a record (M6, D3, R26).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { at, field } from "../rig/imports.mjs";
import { STAFF, employee, lookupAuth, signInAs, staff } from "../rig/lookup.mjs";
import { Holder, apiToken, assertProblem, ownerOf } from "../rig/members.mjs";

let edge;
let owner;

before(async () => {
  edge = await startEdge({
    agents: [agent("ag_northwind"), agent("ag_other"), agent("ag_staff", { auth: lookupAuth() })],
    collections: staff([employee("E-1001"), employee("E-1002"), employee("E-1003")]),
  });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

const pointers = (answer) => assertProblem(answer, 422, "invalid").errors.map(({ pointer }) => pointer).sort();

/** A new collection with these fields; insists that it was made. */
async function made(name, fields, agent_) {
  const answer = await owner.post(at("", "", agent_).replace(/\/$/, ""), { name, fields });
  assert.equal(answer.status, 201, answer.text);
  return answer.json();
}

test("a collection that cannot be says why, field by field", async () => {
  const path = "agents/ag_northwind/collections";
  assert.deepEqual(pointers(await owner.post(path, { name: "a b", fields: [] })), ["/fields", "/name"]);
  const fields = [field("1"), field("a"), field("A"), field("l", "texts", { unique: true })];
  assert.deepEqual(pointers(await owner.post(path, { name: "x", fields })), ["/fields/0/name", "/fields/2/name", "/fields/3/unique"]);
  assertProblem(await owner.post(path, { name: "x", fields: [field("a", "colour")] }), 400, "bad_request");
  assertProblem(await owner.post(path, { name: "x", fields: [field("a")], more: 1 }), 400, "bad_request");
  assertProblem(await owner.post(path, { name: "orders", fields: [field("customer_email", "email")] }), 409, "conflict");
  assertProblem(await owner.get(at("nothing")), 404, "not_found");
});

test("records that were there before are a collection whose fields were read off them", async () => {
  const listed = (await owner.get("agents/ag_northwind/collections")).json();
  const orders = listed.find(({ name }) => name === "orders");
  assert.equal(orders.records, 4);
  assert.deepEqual(orders.used_by, ["/customer_auth/autofetch/0"]);
  const kinds = Object.fromEntries(orders.fields.map(({ name, type, key }) => [name, `${type} ${key}`]));
  assert.deepEqual([kinds.customer_email, kinds.placed_at, kinds.number], ["email true", "date false", "text false"]);
});

test("a record is made, found, changed by one of two, removed, and brought back", async () => {
  const fields = [field("number", "text", { unique: true, required: true }), field("email", "email"), field("age", "number"), field("roles", "texts")];
  await made("people", fields);
  const created = await owner.post(at("people", "/records"), { data: { number: "EMP-1", email: "Ann@Example.com", age: "41", roles: "boss; staff" } });
  assert.equal(created.status, 201, created.text);
  const { id, tag, data } = created.json();
  assert.deepEqual(data, { number: "EMP-1", email: "ann@example.com", age: 41, roles: ["boss", "staff"] });
  assert.deepEqual(pointers(await owner.post(at("people", "/records"), { data: { number: " emp‑1 " } })), ["/data/number"]);
  assert.deepEqual(pointers(await owner.post(at("people", "/records"), { data: { email: "x", age: "ten", colour: 1 } })), ["/data/age", "/data/colour", "/data/email", "/data/number"]);

  for (const search of ["e m p‑1", "ann@", "BOSS", "example.com"]) {
    const page = (await owner.get(at("people", `/records?search=${encodeURIComponent(search)}`))).json();
    assert.deepEqual(page.records.map((record) => record.id), [id], search);
  }
  for (const search of ["%", "_", "'", "nothing", "number"]) {
    assert.deepEqual((await owner.get(at("people", `/records?search=${encodeURIComponent(search)}`))).json().records, [], search);
  }

  const put = (name, tag_) => owner.put(at("people", `/records/${id}`), { data: { ...data, email: name } }, { headers: { "if-match": `"${tag_}"` } });
  assertProblem(await owner.put(at("people", `/records/${id}`), { data }), 428, "version_needed");
  const both = await Promise.all([put("b@example.com", tag), put("c@example.com", tag)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
  const [won] = both.filter(({ status }) => status === 200);
  assertProblem(await put("d@example.com", tag), 412, "changed");
  assert.deepEqual((await owner.get(at("people", "/records?search=ann"))).json().records, [], "found by what it held before");

  assert.equal((await owner.del(at("people", `/records/${id}`))).status, 204);
  assertProblem(await owner.del(at("people", `/records/${id}`)), 404, "not_found");
  const back = await owner.post(at("people", "/records"), { id, data: won.json().data });
  assert.equal(back.status, 201, back.text);
  assert.deepEqual(back.json(), won.json());
  assertProblem(await owner.post(at("people", "/records"), { id, data: { number: "EMP-2" } }), 409, "conflict");
});

test("a deletion is undone as the record was, whatever the fields are by now, and by nobody who made the record up", async () => {
  const { version, fields } = await made("undone", [field("number", "text", { unique: true }), field("notes"), field("age", "number")]);
  const data = { number: "U-1", notes: "call back", age: 41 };
  const { id, tag } = (await owner.post(at("undone", "/records"), { data })).json();
  assert.equal((await owner.del(at("undone", `/records/${id}`))).status, 204);
  const now = [{ ...fields[0] }, { ...fields[2], type: "date" }, field("team", "text", { required: true })];
  const changed = await owner.patch(at("undone").replace(/\/$/, ""), { fields: now }, version);
  assert.equal(changed.status, 200, changed.text);
  const back = (body) => owner.post(at("undone", "/records"), { id, data, ...body });
  for (const body of [{}, { tag: "x" }, { tag: `${tag.slice(0, -2)}AA` }, { tag, data: { ...data, age: 42 } }, { tag, id: "another" }]) {
    assert.deepEqual(pointers(await back(body)), ["/data/age", "/data/notes", "/data/team"], JSON.stringify(body));
  }
  // Not of another collection either.
  await made("elsewhere", fields);
  const foreign = (await owner.post(at("elsewhere", "/records"), { id, data })).json();
  assert.notEqual(foreign.tag, tag);
  assert.deepEqual(pointers(await back({ tag: foreign.tag })), ["/data/age", "/data/notes", "/data/team"]);
  const undone = await back({ tag });
  assert.equal(undone.status, 201, undone.text);
  assert.deepEqual(undone.json(), { id, tag, data });
  assertProblem(await back({ tag }), 409, "conflict");
  // What is unique stays so.
  assert.equal((await owner.del(at("undone", `/records/${id}`))).status, 204);
  assert.equal((await owner.post(at("undone", "/records"), { data: { number: "u-1", team: "A" } })).status, 201);
  assert.deepEqual(pointers(await back({ tag })), ["/data/number"]);
});

test("a removal that names what was seen removes that and nothing newer; one that names nothing removes what is there", async () => {
  await made("seen", [field("number", "text", { unique: true })]);
  const { id, tag } = (await owner.post(at("seen", "/records"), { data: { number: "S-1" } })).json();
  const one = at("seen", `/records/${id}`);
  const seen = (tag) => ({ headers: { "if-match": tag } });
  const newer = await owner.ask("PUT", one, { data: { number: "S-2" } }, seen(`"${tag}"`));
  assert.equal(newer.status, 200, newer.text);
  for (const old of [`"${tag}"`, `W/"${tag}"`, `"x"`, "x", "*", '""']) assertProblem(await owner.del(one, seen(old)), 412, "changed");
  // It is found as before by what it is known by.
  assert.equal((await owner.get(at("seen", "/records?search=s-2"))).json().records.length, 1);
  // Of one who changes it and one who removes it at the same moment one is told; what was changed is not gone.
  const now = newer.json().tag;
  const [put, del] = await Promise.all([owner.ask("PUT", one, { data: { number: "S-3" } }, seen(`"${now}"`)), owner.del(one, seen(`"${now}"`))]);
  assert.equal([put, del].filter(({ status }) => status < 300).length, 1, `${put.status} ${del.status}`);
  const left = await owner.get(one);
  assert.equal(left.status, put.status === 200 ? 200 : 404);
  if (left.status === 404) assert.equal((await owner.post(at("seen", "/records"), { id, data: { number: "S-3" } })).status, 201);
  assert.equal((await owner.del(one)).status, 204);
  assertProblem(await owner.del(one, seen(`"${now}"`)), 404, "not_found");
  assert.equal((await owner.post(at("seen", "/records"), { data: { number: "S-3" } })).status, 201);
});

test("of twenty who store the same unique value at the same moment one does", async () => {
  await made("race", [field("number", "text", { unique: true })]);
  const answers = await Promise.all(Array.from({ length: 20 }, () => owner.post(at("race", "/records"), { data: { number: "7" } })));
  assert.deepEqual(answers.map(({ status }) => status).sort().slice(0, 2), [201, 422]);
  assert.equal((await owner.get(at("race"))).json().records, 1);
});

test("pages follow each other by id, and leave none out", async () => {
  await made("pages", [field("n", "number")]);
  for (let n = 0; n < 7; n += 1) await owner.post(at("pages", "/records"), { id: `r${n}`, data: { n } });
  const first = (await owner.get(at("pages", "/records?limit=3"))).json();
  const second = (await owner.get(at("pages", `/records?limit=3&after=${first.next}`))).json();
  const third = (await owner.get(at("pages", `/records?limit=3&after=${second.next}`))).json();
  assert.deepEqual([first, second, third].flatMap(({ records }) => records.map(({ data }) => data.n)), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(third.next, undefined);
  for (const query of ["limit=0", "limit=201", "limit=x", `search=${"x".repeat(201)}`]) {
    assertProblem(await owner.get(at("pages", `/records?${query}`)), 422, "invalid");
  }
});

test("fields change by one of two writers; a field that becomes a key finds what was there", async () => {
  const { version, fields } = await made("things", [field("code"), field("name")]);
  await owner.post(at("things", "/records"), { id: "a", data: { code: "X-1", name: "One" } });
  await owner.post(at("things", "/records"), { id: "b", data: { code: "x 1", name: "Two" } });
  const keyed = [{ ...fields[0], key: true }, fields[1]];
  const both = await Promise.all([0, 1].map((n) => owner.patch(at("things"), { title: `Things ${n}`, fields: keyed }, version)));
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
  assertProblem(await owner.patch(at("things"), { title: "x" }), 428, "version_needed");
  const found = (await owner.get(at("things", "/records?search=x-1"))).json().records;
  assert.deepEqual(found.map(({ id }) => id), ["a"]);
  const unique = [{ ...fields[0], unique: true }, { ...fields[1], unique: true }];
  await owner.post(at("things", "/records"), { id: "c", data: { code: "X-2", name: "one" } });
  assert.deepEqual(pointers(await owner.patch(at("things"), { fields: unique }, version + 1)), ["/fields/1/unique"]);
  assert.equal((await owner.get(at("things"))).json().version, version + 1);
});

test("a collection that the settings use stays, and so do the keys that they need", async () => {
  const answer = assertProblem(await owner.del(at("orders")), 409, "conflict");
  assert.deepEqual(answer.errors.map(({ pointer }) => pointer), ["/customer_auth/autofetch/0"]);
  const { version } = (await owner.get(at("orders"))).json();
  assert.deepEqual(pointers(await owner.patch(at("orders"), { fields: [field("number")] }, version)), ["/fields"]);
  await made("gone", [field("a")]);
  await owner.post(at("gone", "/records"), { data: { a: "x" } });
  assert.equal((await owner.del(at("gone"))).status, 204);
  assertProblem(await owner.get(at("gone")), 404, "not_found");
  assertProblem(await owner.get(at("gone", "/records")), 404, "not_found");
});

test("an agent's records are no other agent's, and scopes hold", async () => {
  await made("own", [field("a")]);
  await owner.post(at("own", "/records"), { id: "r", data: { a: "x" } });
  assertProblem(await owner.get(at("own", "", "ag_other")), 404, "not_found");
  const reads = new Holder(edge, await apiToken(edge, { scopes: ["collections:read"] }));
  assert.equal((await reads.get(at("own", "/records/r"))).status, 200);
  assertProblem(await reads.post(at("own", "/records"), { data: { a: "y" } }), 403, "not_allowed");
  assertProblem(await reads.get(at("own", "", "ag_other")), 404, "not_found");
  const writes = new Holder(edge, await apiToken(edge, { scopes: ["collections:write"] }));
  assertProblem(await writes.get(at("own", "/export")), 403, "not_allowed");
});

test("an export is CSV that no spreadsheet carries out", async () => {
  await made("sheet", [field("name"), field("n", "number"), field("tags", "texts")]);
  await owner.post(at("sheet", "/records"), { id: "a", data: { name: "=1+1", n: -5, tags: ["a;b", "c"] } });
  await owner.post(at("sheet", "/records"), { id: "b", data: { name: 'say "hi",\nplease' } });
  const answer = await owner.get(at("sheet", "/export"));
  assert.match(answer.headers["content-type"], /^text\/csv/);
  assert.match(answer.headers["content-disposition"], /sheet\.csv/);
  assert.equal(answer.text, '\uFEFFname,n,tags\r\n\'=1+1,-5,"a\\;b;c"\r\n"say ""hi"",\nplease",,\r\n');
});

test("a session of a look-up is refused once its record is gone, and another's is not", async () => {
  const ana = await signInAs(edge, "E-1001", "e-1001@staff.example", { agent: "ag_staff" });
  const ben = await signInAs(edge, "E-1002", "e-1002@staff.example", { agent: "ag_staff" });
  assert.equal((await owner.del(at(STAFF, "/records/E-1001", "ag_staff"))).status, 204);
  const [gone, stays] = [await ana.visitor.arrive(), await ben.visitor.arrive()];
  assert.deepEqual([gone.state, stays.state], ["unidentified", "authenticated"]);
  await ana.visitor.leave();
  await ben.visitor.leave();
});

test("a session of a look-up is refused once its record has another key", async () => {
  const cleo = await signInAs(edge, "E-1003", "e-1003@staff.example", { agent: "ag_staff" });
  const { tag, data } = (await owner.get(at(STAFF, "/records/E-1003", "ag_staff"))).json();
  const options = { headers: { "if-match": `"${tag}"` } };
  const changed = await owner.put(at(STAFF, "/records/E-1003", "ag_staff"), { data: { ...data, number: "E-9003" } }, options);
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await cleo.visitor.arrive()).state, "unidentified");
  await cleo.visitor.leave();
});
