// template_values_broken: random parameter values that changed the shape of a request (R50), of 1,000,000. Bar: 0.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const test = "one_million_values_change_no_shape";
const cargo = ["test", "--quiet", "--release", "--package", "countersign-domain", "--lib", test, "--", "--ignored", "--nocapture"];
const run = spawnSync("cargo", cargo, { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" });
// The test prints its figure before it judges it: a broken value is a figure too, a test that did not run is none.
const line = run.stdout?.split("\n").find((text) => text.startsWith('{"') && text.includes('"value"'));
if (!line) throw new Error(`${test} printed no figure\n${run.stderr ?? run.error}`);
console.log(line);
