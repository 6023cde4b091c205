// schemathesis against the real edge: what the description promises, asked from outside.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { agent } from "./agents.mjs";
import { startEdge } from "./edge.mjs";
import { apiToken, ownerOf } from "./members.mjs";
import { root } from "./paths.mjs";
import { SCOPES } from "./matrix.mjs";

const PROGRAM = path.join(root, ".tools/schemathesis/bin/schemathesis");
const DOCUMENT = path.join(root, "dist/assets/openapi.json");

/** How long the fuzzing of one run may take. The phases before it are bounded by the number of operations. */
const SECONDS = 60;

/**
 * Answers that are right, and that the program would not expect by itself: what is of the right shape can still be refused for
 * what it says (422), too often (429), without the version that it changes (412), in conflict (409) or too large (413).
 */
const CONFIG = `
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 412, 413, 422, 428, 429]
missing_required_header.expected-statuses = [400, 401, 403, 404, 412, 428]
`;

/** What a run does not ask: who signs the run out, or changes whose rights it has, ends it. */
const KEPT = ["archiveAgent", "removeMember", "changeMember", "revokeToken"];

async function run({ url, document, headers, without }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "schemathesis-"));
  const config = path.join(folder, "schemathesis.toml");
  fs.writeFileSync(config, CONFIG);
  const asked = path.join(folder, "openapi.json");
  fs.writeFileSync(asked, JSON.stringify(document));
  const options = [
    "--config-file", config, "run", asked, "--url", url, "--checks", "all",
    // Both are judged by who asks, which the matrix of rights does.
    "--exclude-checks", "ignored_auth,object_level_authorization,negative_data_rejection",
    "--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--max-time", String(SECONDS), "--workers", "1", "--seed", "7",
    "--no-shrink", "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "20",
    "--generation-with-security-parameters", "false",
    ...headers.flatMap((header) => ["-H", header]),
    ...without.flatMap((id) => ["--exclude-operation-id", id]),
  ];
  const child = spawn(PROGRAM, options, { cwd: folder, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NO_COLOR: "1" } });
  let output = "";
  child.stdout.on("data", (chunk) => { output += chunk; });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  fs.rmSync(folder, { recursive: true });
  return { code, output };
}

/** Two runs: by an API token of every scope, and by an owner's session. */
export async function schemathesis() {
  const edge = await startEdge({ agents: [agent("ag_northwind")] });
  try {
    const owner = await ownerOf(edge);
    const document = JSON.parse(fs.readFileSync(DOCUMENT, "utf8"));
    // Requests are about the agent that there is; every other name is made up.
    for (const item of Object.values(document.paths)) {
      const named = (item.parameters ?? []).find(({ name }) => name === "agent");
      if (named) named.schema = { type: "string", enum: ["ag_northwind"] };
    }
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item).filter((one) => one.operationId));
    const byToken = new Set(operations.filter(({ security }) => security.some((one) => one.token)).map(({ operationId }) => operationId));
    const token = await apiToken(edge, { scopes: SCOPES });
    const runs = [];
    runs.push(await run({
      url: edge.url,
      document,
      headers: [`Authorization: Bearer ${token}`],
      without: [...operations.map(({ operationId }) => operationId).filter((id) => !byToken.has(id)), "archiveAgent"],
    }));
    runs.push(await run({
      url: edge.url,
      document,
      headers: [`Cookie: ${owner.visitor.cookieHeader}`, `Origin: ${edge.origin}`, "X-Countersign: 1", "Sec-Fetch-Site: same-origin"],
      without: KEPT,
    }));
    return runs;
  } finally {
    await edge.stop();
  }
}
