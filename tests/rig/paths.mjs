// Where things are. The vendors' descriptions live beside the repository, never in it, and may be missing.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

export const root = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

const vendors = path.join(root, "..", "shared", "vendors");

/** A vendor's own description, or undefined where the folder is not on this machine. */
export function vendorFile(name) {
  const file = path.join(vendors, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** The built edge. Tests do not build: `cargo xtask` does that before. */
export function builtEdge() {
  const main = path.join(root, "edge", "build", "index.js");
  if (!existsSync(main)) {
    throw new Error("edge/build/index.js is missing: run the tests through `cargo xtask test`, which builds it");
  }
  return main;
}
