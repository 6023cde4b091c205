// CSV on its way in: broken files of all kinds, parts that are cut off, two who import at once, and one step that puts all in
// place (D3).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { PART_BYTES, at, begin, everyRecord, field, importAll, sendAll, sendPart } from "../rig/imports.mjs";
import { assertProblem, ownerOf } from "../rig/members.mjs";

const DAY = 86_400_000;
const FIELDS = [
  field("number", "text", { unique: true, required: true, label: "Employee number" }),
  field("email", "email"), field("age", "number"), field("roles", "texts"),
];
let edge;
let owner;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_other")], collections: [] });
  owner = await ownerOf(edge);
});
after(() => edge?.stop());

let made = 0;
/** A new collection of staff. */
async function staff() {
  made += 1;
  const name = `staff${made}`;
  const answer = await owner.post("agents/ag_northwind/collections", { name, fields: FIELDS });
  assert.equal(answer.status, 201, answer.text);
  return name;
}

const lines = (found) => found.map(({ line, column }) => (column ? `${line}:${column}` : `${line}`));
const count = async (name) => (await owner.get(at(name))).json().records;

test("an import that cannot be says why before a byte is sent", async () => {
  const name = await staff();
  const asked = { name: "a.csv", bytes: 10, mode: "replace" };
  const refused = async (changed) => assertProblem(await owner.post(at(name, "/imports"), { ...asked, ...changed }), 422, "invalid").errors.map(({ pointer }) => pointer);
  assert.deepEqual(await refused({ bytes: 0 }), ["/bytes"]);
  assert.deepEqual(await refused({ bytes: 200 * 1024 * 1024 }), ["/bytes"]);
  for (const sha256 of ["", "a", "A".repeat(64), `${"a".repeat(63)}g`]) assert.deepEqual(await refused({ sha256 }), ["/sha256"]);
  assert.deepEqual(await refused({ mode: "merge" }), ["/key"]);
  assert.deepEqual(await refused({ mode: "merge", key: "email" }), ["/key"]);
  assert.deepEqual(await refused({ delimiter: "x", mapping: { "A/b": "nothing" } }), ["/delimiter", "/mapping/A~1b"]);
  assertProblem(await owner.post(at(name, "/imports"), { ...asked, mode: "both" }), 400, "bad_request");
  assertProblem(await owner.post(at("nothing", "/imports"), asked), 404, "not_found");
});

test("a file goes in as it should: byte order mark, CRLF, quotes, a column that is left out", async () => {
  const name = await staff();
  const file = '\uFEFFemployee number,E-mail,Shoe size,AGE,roles\r\n"E 1",Ann@Example.com,39,41,boss;staff\r\n"E ""2""","",,,\r\n\r\n,,,,\r\nE3,,"4\n0",7.5,';
  const { committed, import: sent } = await importAll(owner, name, file);
  assert.equal(committed.status, 200, committed.text);
  assert.deepEqual([sent.rows, sent.errors, sent.stage, committed.json().stage], [3, 0, "complete", "done"]);
  const records = (await everyRecord(owner, name)).map(({ data }) => data);
  assert.deepEqual(records, [{ number: "E 1", email: "ann@example.com", age: 41, roles: ["boss", "staff"] }, { number: 'E "2"' }, { number: "E3", age: 7.5 }]);
  const found = (await owner.get(at(name, "/records?search=e1"))).json().records;
  assert.equal(found.length, 1, "a record that was imported is not found by its key");
});

test("everything that is wrong is said by line and column, and nothing is in place until it is left out on purpose", async () => {
  const name = await staff();
  await owner.post(at(name, "/records"), { data: { number: "before" } });
  const file = Buffer.concat([
    Buffer.from("number,email,age,roles\n1,a@example.com,1,\n2,not one,x,\n,b@example.com,,\n3\n4,,,,,5\n"),
    Buffer.from("5,"), Buffer.from([0xc3, 0x28]), Buffer.from(",,\n6,,a\0b,\n1,,,\n7,,007,\n8,,,\n"),
  ]);
  const path = await begin(owner, name, file);
  const { import: sent, found } = await sendAll(owner, path, file);
  assert.deepEqual(lines(found), ["3:2", "3:3", "4:1", "5", "6", "7:2", "8:3", "9:1", "10:3"]);
  assert.deepEqual([sent.rows, sent.errors], [2, 9]);
  for (const { detail } of found) assert.match(detail, /^[A-Z].*\.$/);
  assert.deepEqual((await owner.get(path)).json().found, found);
  assertProblem(await owner.post(`${path}/commit`, {}), 422, "invalid");
  assert.deepEqual((await everyRecord(owner, name)).map(({ data }) => data.number), ["before"]);
  assert.equal((await owner.post(`${path}/commit`, { skip_errors: true })).status, 200);
  assert.deepEqual((await everyRecord(owner, name)).map(({ data }) => data.number), ["1", "8"]);
});

test("a quote that does not close, a million columns and a line of three megabytes are one error each", async () => {
  const name = await staff();
  const file = Buffer.from(`number,email,age,roles\n1,,,\n${",".repeat(1_000_000)}\n2,,,\n3,"oops,,\n${"x".repeat(3_000_000)}\n4,,,\n5,"never closed,,\n6,,,\n`);
  const path = await begin(owner, name, file);
  const { import: sent, found } = await sendAll(owner, path, file);
  assert.deepEqual(lines(found), ["3", "5", "6", "8"]);
  assert.equal(sent.rows, 4);
  assert.equal((await owner.post(`${path}/commit`, { skip_errors: true })).status, 200);
  assert.deepEqual((await everyRecord(owner, name)).map(({ data }) => data.number), ["1", "2", "4", "6"]);
});

test("other encodings and noise are refused with words, never with a failure", async () => {
  const name = await staff();
  const text = "number,email,age,roles\nÄ1,,,\n";
  const files = [Buffer.from(text, "latin1"), Buffer.from(`\uFEFF${text}`, "utf16le"), randomBytes(50_000), Buffer.alloc(10_000), Buffer.from("\n\n\n"), Buffer.from('"'), Buffer.from(`"${"a,".repeat(100_000)}`)];
  for (const file of files) {
    const path = await begin(owner, name, file);
    const answer = await sendPart(owner, path, file, 0);
    if (answer.status === 200) {
      const { stage, rows } = answer.json();
      assert.equal(stage, "complete");
      assert.equal(rows, 0);
      const committed = await owner.post(`${path}/commit`, { skip_errors: true });
      assertProblem(committed, 409, "conflict");
    } else {
      assertProblem(answer, 422, "invalid");
    }
    assert.equal((await owner.del(path)).status, 204);
  }
  assert.equal(await count(name), 0);
});

test("a header that does not fit is said at the first part", async () => {
  const name = await staff();
  const refused = async (text, asked = {}) => {
    const file = Buffer.from(text);
    const path = await begin(owner, name, file, asked);
    const problem = assertProblem(await sendPart(owner, path, file, 0), 422, "invalid");
    assert.equal((await owner.get(path)).json().offset, 0);
    await owner.del(path);
    return problem.errors.map(({ pointer }) => pointer);
  };
  assert.deepEqual(await refused("a,b\n1,2\n"), ["/mapping", "/mapping"]);
  assert.deepEqual(await refused("email\na@example.com\n"), ["/mapping"]);
  assert.deepEqual(await refused("x,x\n1,2\n", { mapping: { x: "number" } }), ["/mapping/x", "/mapping"]);
  assert.deepEqual(await refused("number;email\n1;\n"), ["/mapping", "/mapping"]);
});

test("parts go on where the last one ended, after whatever happened in between", async () => {
  const name = await staff();
  const rows = Array.from({ length: 3_000 }, (_, n) => `E${n},e${n}@example.com,${n},"a; ""b"""`);
  const file = Buffer.from(`number,email,age,roles\r\n${rows.join("\r\n")}\r\n`);
  const path = await begin(owner, name, file, { encoding: "utf-8" });
  const first = await sendPart(owner, path, file.subarray(0, 50_001), 0);
  const { offset, rows: some } = first.json();
  assert.ok(offset <= 50_001 && offset > 49_000, `${offset}`);
  assert.equal(first.headers["upload-offset"], String(offset));
  assert.equal(file[offset - 1] === 10 || file[offset - 1] === 13, true);
  for (const wrong of [0, offset - 1, offset + 1, file.length]) {
    const problem = assertProblem(await sendPart(owner, path, file.subarray(wrong, wrong + 100), wrong), 409, "conflict");
    assert.match(problem.title, new RegExp(`byte ${offset}\\.`));
  }
  // As a page that was loaded again finds it.
  const [open] = (await owner.get(at(name, "/imports"))).json();
  assert.deepEqual([open.offset, open.rows, open.name, open.bytes, open.encoding, open.stage], [offset, some, "a.csv", file.length, "utf-8", "open"]);
  assertProblem(await owner.post(`${path}/commit`, {}), 409, "conflict");
  await sendAll(owner, path, file, { from: offset, size: 20_000 });
  assert.equal((await owner.post(`${path}/commit`, {})).status, 200);
  const records = await everyRecord(owner, name);
  assert.deepEqual(records.map(({ data }) => data.number), rows.map((_, n) => `E${n}`));
});

test("of two who send the same part one is taken; of two who commit both hear the same and it happens once", async () => {
  const name = await staff();
  const file = Buffer.from(`number\n${Array.from({ length: 2_000 }, (_, n) => n).join("\n")}\n`);
  const path = await begin(owner, name, file);
  const sent = await Promise.all(Array.from({ length: 8 }, () => sendPart(owner, path, file, 0)));
  assert.deepEqual(sent.map(({ status }) => status).sort(), [200, ...Array(7).fill(409)]);
  const { rows, errors } = (await owner.get(path)).json();
  assert.deepEqual([rows, errors], [2_000, 0]);
  const committed = await Promise.all(Array.from({ length: 8 }, () => owner.post(`${path}/commit`, {})));
  for (const answer of committed) assert.equal(answer.status, 200, answer.text);
  assert.equal(await count(name), 2_000);
  await owner.del(at(name, `/records/${(await everyRecord(owner, name))[0].id}`));
  assert.equal((await owner.post(`${path}/commit`, {})).json().stage, "done");
  assert.equal(await count(name), 1_999, "said again, it happened again");
  assertProblem(await sendPart(owner, path, Buffer.from("x"), file.length), 409, "conflict");
});

test("two imports at once are each whole: the later one stays", async () => {
  const name = await staff();
  const files = ["a", "b"].map((letter) => Buffer.from(`number\n${Array.from({ length: 500 }, (_, n) => `${letter}${n}`).join("\n")}\n`));
  const paths = await Promise.all(files.map(async (file) => {
    const path = await begin(owner, name, file);
    await sendAll(owner, path, file);
    return path;
  }));
  const answers = await Promise.all(paths.map((path) => owner.post(`${path}/commit`, {})));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
  const letters = new Set((await everyRecord(owner, name)).map(({ data }) => data.number[0]));
  assert.equal(letters.size, 1);
  assert.equal(await count(name), 500);
});

test("a part that is too large, of another type, or more than was said is refused", async () => {
  const name = await staff();
  const file = Buffer.from("number\n1\n2\n");
  const path = await begin(owner, name, file);
  assertProblem(await sendPart(owner, path, Buffer.alloc(10 * PART_BYTES, "1\n"), 0), 413, "too_large");
  assertProblem(await sendPart(owner, path, Buffer.alloc(PART_BYTES + 1, "1\n"), 0), 413, "too_large");
  assertProblem(await sendPart(owner, path, file, 0, { "content-type": "application/json" }), 415, "wrong_type");
  assertProblem(await sendPart(owner, path, file, "x"), 400, "bad_request");
  assertProblem(await sendPart(owner, path, Buffer.concat([file, file]), 0), 422, "invalid");
  assertProblem(await sendPart(owner, path.replace("ag_northwind", "ag_other"), file, 0), 404, "not_found");
  assertProblem(await sendPart(owner, path, file, 0, { origin: "https://elsewhere.test" }), 403, "not_allowed");
  assert.equal((await owner.get(path)).json().offset, 0);
  assert.equal((await owner.del(path)).status, 204);
  assertProblem(await sendPart(owner, path, file, 0), 404, "not_found");
});

test("a merge changes the records that have the key, and brings the others", async () => {
  const name = await staff();
  await importAll(owner, name, "number,email,age,roles\nE1,a@example.com,1,x\nE2,b@example.com,2,y\n");
  const sorted = async () => (await everyRecord(owner, name)).sort((a, b) => (a.data.number.toLowerCase() < b.data.number.toLowerCase() ? -1 : 1));
  const [{ id }] = await sorted();
  const merged = await importAll(owner, name, "number,email\n e 1 ,new@example.com\nE3,c@example.com\nE2,\n", { mode: "merge", key: "number" });
  assert.equal(merged.committed.status, 200, merged.committed.text);
  const records = await sorted();
  assert.deepEqual(records.map(({ data }) => data), [
    { number: "e 1", email: "new@example.com", age: 1, roles: ["x"] }, { number: "E2", age: 2, roles: ["y"] }, { number: "E3", email: "c@example.com" },
  ]);
  assert.equal(records[0].id, id);
  const byKey = async (search) => (await owner.get(at(name, `/records?search=${search}`))).json().records.map((record) => record.data.number);
  assert.deepEqual([await byKey("new@"), await byKey("a@example"), await byKey("b@example")], [["e 1"], [], []]);
});

test("a merge that would give two records one unique value is refused as a whole", async () => {
  const answer = await owner.post("agents/ag_northwind/collections", { name: "badges", fields: [field("number", "text", { unique: true }), field("badge", "text", { unique: true })] });
  assert.equal(answer.status, 201, answer.text);
  await importAll(owner, "badges", "number,badge\n1,A\n2,B\n");
  const { committed } = await importAll(owner, "badges", "number,badge\n3,C\n1,B\n", { mode: "merge", key: "number" });
  assert.match(assertProblem(committed, 422, "invalid").errors[0].detail, /Line 3/);
  assert.deepEqual((await everyRecord(owner, "badges")).map(({ data }) => data.badge), ["A", "B"]);
});

test("an import whose fields changed is refused; one that was left for a day is dropped; a sixth has to wait", async () => {
  const name = await staff();
  const file = Buffer.from("number\n1\n");
  const path = await begin(owner, name, file);
  await sendAll(owner, path, file);
  const { version } = (await owner.get(at(name))).json();
  await owner.patch(at(name), { title: "Staff" }, version);
  assert.match(assertProblem(await owner.post(`${path}/commit`, {}), 409, "conflict").title, /fields/);
  for (let n = 0; n < 4; n += 1) await begin(owner, name, file);
  assertProblem(await owner.post(at(name, "/imports"), { name: "a.csv", bytes: 9, mode: "replace" }), 409, "conflict");
  await edge.sql([["UPDATE import SET at = at - ?", DAY + 1]]);
  assert.deepEqual((await owner.get(at(name, "/imports"))).json(), []);
  await begin(owner, name, file);
  assertProblem(await owner.get(path), 404, "not_found");
});

test("what was exported comes in again as it was", async () => {
  const name = await staff();
  const data = [{ number: "=1+1", email: "a@example.com", age: -1.5, roles: ["a;b", "\\"] }, { number: "'x" }, { number: "+1 \"2\"\n3", roles: ["@x"] }, { number: "-" }];
  for (const [n, one] of data.entries()) assert.equal((await owner.post(at(name, "/records"), { id: `r${n}`, data: one })).status, 201);
  const exported = await owner.get(at(name, "/export"));
  const { committed } = await importAll(owner, name, exported.text);
  assert.equal(committed.status, 200, committed.text);
  assert.deepEqual((await everyRecord(owner, name)).map((record) => record.data), data);
  assert.equal((await owner.get(at(name, "/export"))).text, exported.text);
});

const WRONG = "What is wrong (not imported)";
const errorsOf = (path) => owner.get(`${path}/errors`);

test("the lines that are not right come as a file, are mended in it, and come in beside the others", async () => {
  const name = await staff();
  const file = 'number;E-Mail;age;Note\r\n1;a@example.com;1;"fine; yes"\r\n2;not one;ten;"two\nlines; ""quoted"""\r\n3\r\n4;=cmd();-5;-x\r\n1;d@example.com;;double\r\n5;"oops;;\r\n';
  const { path, committed } = await importAll(owner, name, file, { delimiter: ";", commit: { skip_errors: true } });
  assert.equal(committed.status, 200, committed.text);
  const answer = await errorsOf(path);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers["content-type"], /^text\/csv/);
  assert.match(answer.headers["content-disposition"], /^attachment; filename="staff\d+-errors\.csv"$/);
  const rows = answer.text.split("\r\n");
  assert.equal(rows[0], `\uFEFF${WRONG};number;E-Mail;age;Note`);
  assert.match(rows[1], /^"?Line 3: E-Mail: .+ age: .+"?;2;not one;ten;"two\nlines; ""quoted"""$/);
  assert.match(rows[2], /^"?Line 5: .+"?;3$/);
  assert.match(rows[3], /^"?Line 6: E-Mail: .+"?;4;'=cmd\(\);'-5;'-x$/);
  assert.match(rows[4], /^"?Line 7: number: Line 2 has the same value.+"?;1;d@example\.com;;double$/);
  assert.match(rows[5], /^"?Line 8: .+"?;"5;""oops;;"$/);
  assert.equal(rows.length, 7);
  const merge = { delimiter: ";", mode: "merge", key: "number" };
  // Unmended, every line is wrong again.
  const again = await importAll(owner, name, answer.text, merge);
  assert.deepEqual([again.import.rows, new Set(again.found.map(({ line }) => line)).size], [1, 4]);
  await owner.del(again.path);
  const mended = answer.text.replace("not one;ten", "b@example.com;10").replace("'=cmd()", "c@example.com").replace(/;3\r\n/, ";3;;;\r\n").replace(";1;d@", ";6;d@").replace('"5;""oops;;"', "5;;;");
  const { committed: done, import: sent } = await importAll(owner, name, mended, merge);
  assert.equal(done.status, 200, done.text);
  assert.deepEqual([sent.rows, sent.errors], [5, 0]);
  const records = (await everyRecord(owner, name)).map(({ data }) => data).sort((a, b) => (a.number < b.number ? -1 : 1));
  assert.deepEqual(records.map(({ number, email, age }) => [number, email, age]), [
    ["1", "a@example.com", 1], ["2", "b@example.com", 10], ["3", undefined, undefined], ["4", "c@example.com", -5], ["5", undefined, undefined], ["6", "d@example.com", undefined],
  ]);
});

test("of the lines that are not right a bounded part is kept, and letters that are lost stay wrong", async () => {
  const name = await staff();
  const long = (n, length) => `${n},not one,,${"x".repeat(length)}`;
  const lines_ = [long(1, 70_000), ...Array.from({ length: 60 }, (_, n) => long(n + 2, 60_000)), ...Array.from({ length: 1_200 }, (_, n) => `${n + 100},no,,`)];
  const file = Buffer.concat([Buffer.from("number,email,age,note\nM"), Buffer.from([0xfc]), Buffer.from(`ller,,,\n${lines_.join("\n")}\n`)]);
  const path = await begin(owner, name, file);
  const { import: sent } = await sendAll(owner, path, file);
  assert.equal(sent.errors, 1_262);
  const { text } = await errorsOf(path);
  const rows = text.split("\r\n").slice(1, -1);
  assert.equal(rows.length, 1_000, "the errors that are kept");
  assert.ok(text.length < 2_500_000, `${text.length} bytes`);
  assert.match(rows[1], /^"?Line 3: [^,]+"?$/, "a line that is too long is told of without itself");
  assert.match(rows[2], /^"?Line 4: .+"?,2,not one,,x{60000}$/);
  assert.match(rows[0], /,M\uFFFDller,,,$/);
  const [header] = text.split("\r\n");
  const again = await importAll(owner, name, `${header}\r\n${rows[0]}\r\n`);
  assert.deepEqual([again.import.rows, again.import.errors], [0, 1]);
  assert.match(again.found[0].detail, /lost/);
});

test("the file of an import without errors is its header; of none, and of another agent's, it is not there", async () => {
  const name = await staff();
  const { path } = await importAll(owner, name, "number,email\n1,\n");
  assert.equal((await errorsOf(path)).text, `\uFEFF${WRONG},number,email\r\n`);
  const begun = await begin(owner, name, Buffer.from("number\n1\n"));
  assert.equal((await errorsOf(begun)).text, `\uFEFF${WRONG}\r\n`);
  assertProblem(await errorsOf(at(name, "/imports/none")), 404, "not_found");
  assertProblem(await errorsOf(path.replace("ag_northwind", "ag_other")), 404, "not_found");
  await owner.del(begun);
  assertProblem(await errorsOf(begun), 404, "not_found");
  // The trail says that it was taken along, and nothing of what is in it.
  const trail = JSON.stringify(await edge.ledger("ag_northwind"));
  assert.match(trail, /errors_exported/);
  assert.doesNotMatch(trail, /=cmd|oops/);
});
