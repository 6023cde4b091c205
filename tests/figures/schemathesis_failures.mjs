// schemathesis_failures: what schemathesis finds at the edge that the description of the admin API does not say, and operations that
// were never done as asked in front of it. Bar: 0.
//
// Every check and every phase runs, over every operation, but for:
// - object_level_authorization: it needs a second identity, to which every answer here would be 404. The figure admin_matrix_wrong asks
//   every route as owners and tokens of another agent.
// - negative_data_rejection of continueImport: the body is a text, and a text that is made of a JSON null is one still.
import { schemathesis } from "../rig/schemathesis.mjs";

const runs = await schemathesis();
for (const { output, scheme, unreached } of runs) {
  console.error(output.slice(-12_000));
  console.error(`as ${scheme}: never done as asked: ${unreached.join(", ") || "none"}`);
}

/** The number that the summary gives before a word. */
const counted = (output, word) => Number(new RegExp(`(\\d+) ${word}`).exec(output.slice(output.lastIndexOf("SUMMARY")))?.[1] ?? 0);
// A run that ended otherwise than with "no failures" has at least one.
const failed = runs.reduce((sum, { code, output }) => sum + (code === 0 ? 0 : Math.max(1, counted(output, "unique failures"))), 0);
// What was never done as asked was never looked at.
const value = runs.reduce((sum, { unreached }) => sum + unreached.length, failed);
const said = runs.map(({ scheme, asked, operations, unreached }) => `as ${scheme} ${asked} requests to ${operations} operations, ${operations - unreached.length} of them done as asked at least once`);
console.log(JSON.stringify({ value, detail: `schemathesis over dist/assets/openapi.json: ${said.join("; ")}; ${failed} failures` }));
