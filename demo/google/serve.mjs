// Plays Google for the demo: `node demo/google/serve.mjs [--port 8790] [--edge http://localhost:8787]`.
import { parseArgs } from "node:util";

import { startGoogle } from "./google.mjs";

const { values } = parseArgs({ options: { port: { type: "string", default: "8790" }, edge: { type: "string", default: "http://localhost:8787" } } });
const google = await startGoogle({ port: Number(values.port), redirects: [`${values.edge}/login/google/callback`] });
console.log(`what plays Google listens at ${google.issuer}`);
