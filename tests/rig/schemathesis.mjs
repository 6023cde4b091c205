// schemathesis against the real edge: what the description promises, asked from outside.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { agent } from "./agents.mjs";
import { examples, exemplify } from "./described.mjs";
import { startEdge } from "./edge.mjs";
import { apiToken, ownerOf } from "./members.mjs";
import { root } from "./paths.mjs";
import { SCOPES } from "./matrix.mjs";

const PYTHON = path.join(root, ".tools/schemathesis/bin/python");
const DOCUMENT = path.join(root, "dist/assets/openapi.json");
const HERE = "ag_northwind";

/** How long one run may take. The phases before fuzzing are bounded by the number of operations. */
const SECONDS = 150;

/**
 * Answers that are right, and that the program would not expect by itself. What is of the right shape can still be refused for
 * what it says (422), for who asks (403), for what is not there (404), in conflict (409), of another version (412), too large
 * (413) or too often (429).
 */
const CONFIG = `
hooks = ${JSON.stringify(path.join(root, "tests/rig/schemathesis_hooks.py"))}

[checks]
positive_data_acceptance.expected-statuses = ["2xx", 403, 404, 409, 412, 413, 422, 429]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429]
missing_required_header.expected-statuses = [400, 401, 403, 404, 412, 415, 428]
`;

/** A text is a text, whatever JSON it was made of. */
const TEXT = `
[[operations]]
include-operation-id = "continueImport"
checks.negative_data_rejection.enabled = false
`;

/** Why stands in the figure `schemathesis_failures`. */
const NOT_CHECKED = ["object_level_authorization"];

/** One run as whoever `scheme` says. */
async function run({ url, document, scheme, secret, headers = [] }) {
  const closed = opened(document, scheme);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "schemathesis-"));
  const [config, asked, log] = ["schemathesis.toml", "openapi.json", "log.har"].map((name) => path.join(folder, name));
  fs.writeFileSync(config, `${CONFIG}\n[auth.openapi.${scheme}]\n${scheme === "token" ? "bearer" : "api_key"} = ${JSON.stringify(secret)}\n${TEXT}`);
  fs.writeFileSync(asked, JSON.stringify(document));
  const options = [
    "-m", "schemathesis.cli", "--config-file", config, "run", asked, "--url", url, "--checks", "all", "--exclude-checks", NOT_CHECKED.join(","),
    "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20", "--max-time", String(SECONDS), "--workers", "1", "--seed", "7",
    "--no-shrink", "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "20",
    "--generation-with-security-parameters", "false", "--generation-database", "none", "--report-har-path", log,
    ...headers.flatMap((header) => ["-H", header]),
    ...closed.flatMap((id) => ["--exclude-operation-id", id]),
  ];
  const child = spawn(PYTHON, options, { cwd: folder, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NO_COLOR: "1" } });
  let output = "";
  child.stdout.on("data", (chunk) => { output += chunk; });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const exchanges = JSON.parse(fs.readFileSync(log, "utf8")).log.entries
    .map(({ request, response }) => ({ method: request.method, path: new URL(request.url).pathname, status: response.status }));
  fs.rmSync(folder, { recursive: true });
  const all = operations(document).filter(({ operationId }) => !closed.includes(operationId));
  const reached = all.filter(({ method, pattern }) => exchanges.some((one) => one.method === method && one.status < 300 && pattern.test(one.path)));
  const unreached = all.filter((one) => !reached.includes(one)).map(({ operationId }) => operationId);
  return { scheme, code, output, asked: exchanges.length, operations: all.length, unreached };
}

/** What a document describes: each operation with its method, and what its path looks like. */
function operations(document) {
  return Object.entries(document.paths).flatMap(([template, item]) => {
    const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`);
    return Object.entries(item).filter(([, one]) => one.operationId).map(([method, one]) => ({ ...one, method: method.toUpperCase(), pattern }));
  });
}

/** The document with this scheme alone, and the ids of what it does not open. */
function opened(document, scheme) {
  const closed = [];
  for (const one of operations(document)) {
    one.security.splice(0, one.security.length, ...one.security.filter((way) => way[scheme]));
    if (one.security.length === 0) closed.push(one.operationId);
  }
  return closed;
}

/** Two runs over every operation that each can ask: by an API token of every scope, and by an owner's session. */
export async function schemathesis() {
  const edge = await startEdge({ agents: [agent(HERE)] });
  try {
    const { url } = edge;
    const owner = await ownerOf(edge);
    const token = await apiToken(edge, { scopes: SCOPES });
    const session = owner.visitor.cookies.get("__Host-cs_ag_console");
    const own = [`Origin: ${edge.origin}`, "X-Countersign: 1", "Sec-Fetch-Site: same-origin"];
    const runs = [];
    for (const who of [{ scheme: "token", secret: token }, { scheme: "session", secret: session, headers: own }]) {
      const document = JSON.parse(fs.readFileSync(DOCUMENT, "utf8"));
      exemplify(document, await examples(edge, owner, HERE, who.scheme), HERE);
      runs.push(await run({ url, document, ...who }));
    }
    return runs;
  } finally {
    await edge.stop();
  }
}
