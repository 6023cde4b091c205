// csv_import_seconds: seconds from the first byte of a CSV file of 50,000 rows to all of them being in place, through the edge, with
// a reload in the middle: whoever sends it forgets everything while a part is on its way, asks what is open, and goes on from there.
// Bar: at most 60.
import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { PART_BYTES, at, begin, field, sendAll, sendPart } from "../rig/imports.mjs";
import { ownerOf } from "../rig/members.mjs";

const ROWS = 50_000;

const edge = await startEdge({ agents: [agent("ag_northwind")], collections: [] });
try {
  const owner = await ownerOf(edge);
  const fields = [
    field("number", "text", { unique: true, required: true }), field("email", "email"), field("phone", "phone"), field("name"),
    field("since", "date"), field("hours", "number"), field("roles", "texts"),
  ];
  const made = await owner.post("agents/ag_northwind/collections", { name: "staff", fields });
  if (made.status !== 201) throw new Error(made.text);
  const row = (n) => `EMP-${n},person${n}@example.com,+1202555${String(n % 10_000).padStart(4, "0")},"Doe, Person ${n}",2024-0${(n % 9) + 1}-15,${n % 40},staff;team${n % 7}`;
  const file = Buffer.from(`number,email,phone,name,since,hours,roles\r\n${Array.from({ length: ROWS }, (_, n) => row(n)).join("\r\n")}\r\n`);
  const began = performance.now();
  const half = await begin(owner, "staff", file);
  let offset = 0;
  while (offset < file.length / 2 - PART_BYTES) {
    const part = await sendPart(owner, half, file.subarray(offset, offset + PART_BYTES), offset);
    if (part.status !== 200) throw new Error(part.text);
    offset = part.json().offset;
  }
  // Nobody waits for the answer to this part; whether it was taken in shows in what is asked next.
  const lost = sendPart(owner, half, file.subarray(offset, offset + PART_BYTES), offset);
  const open = (await owner.get(at("staff", "/imports"))).json();
  if (open.length !== 1) throw new Error(`${open.length} imports are open after the reload`);
  const path = at("staff", `/imports/${open[0].id}`);
  const resumed = (await owner.get(path)).json();
  await lost;
  const first = await sendPart(owner, path, file.subarray(resumed.offset, resumed.offset + PART_BYTES), resumed.offset);
  // The lost part may have come first: then the answer says so, and where it goes on.
  if (![200, 409].includes(first.status)) throw new Error(first.text);
  const { offset: from, rows: before } = (await owner.get(path)).json();
  const { import: all } = await sendAll(owner, path, file, { from });
  const sent = performance.now();
  if (all.rows !== ROWS || all.errors !== 0) throw new Error(`${all.rows} rows and ${all.errors} errors came through the reload`);
  const committed = await owner.post(`${path}/commit`, {});
  const ended = performance.now();
  if (committed.status !== 200) throw new Error(committed.text);
  const { records } = (await owner.get(at("staff"))).json();
  if (records !== ROWS) throw new Error(`${records} records are in place`);
  const asked = performance.now();
  const found = (await owner.get(at("staff", "/records?search=emp-49999"))).json().records.length;
  const searched = performance.now() - asked;
  if (found !== 1) throw new Error(`${found} records were found by their key`);
  // Whole seconds, rounded up.
  const seconds = (ended - began) / 1000;
  const detail = { rows: ROWS, bytes: file.length, rows_before_the_reload: before, rows_a_second: Math.round(ROWS / seconds), sending_s: (sent - began) / 1000, commit_s: (ended - sent) / 1000, search_ms: Math.round(searched) };
  console.log(JSON.stringify({ value: Math.ceil(seconds), detail }));
} finally {
  await edge.stop();
}
