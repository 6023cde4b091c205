// Serves the company's API for the demo: `node demo/company/serve.mjs [--port 8789] [--token-seconds 900]`.
import { parseArgs } from "node:util";

import { startCompany } from "./company.mjs";

const { values } = parseArgs({ options: { port: { type: "string", default: "8789" }, "token-seconds": { type: "string", default: "900" } } });

// A request is named without its query, headers and body: they may hold what is nobody's business.
const seen = ({ method, path }) => {
  if (path !== "/health" && !path.startsWith("/phone-codes")) console.log(`[company] ${method} ${path.split("?")[0]}`);
};

try {
  const company = await startCompany({ port: Number(values.port), tokenSeconds: Number(values["token-seconds"]), seen });
  console.log(`[company] listens at ${company.url}`);
} catch (error) {
  console.error(`[company] cannot listen on port ${values.port}: ${error.message}`);
  process.exitCode = 1;
}
