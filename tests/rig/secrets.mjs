// Secrets for one run, made anew each time: none can be a documented value, and all can be searched for afterwards.
import { randomBytes } from "node:crypto";

export const freshKey = () => randomBytes(32).toString("base64");

export function freshSecrets() {
  return { COUNTERSIGN_MASTER_KEY: freshKey(), COUNTERSIGN_SIGNING_KEYS: `k1:${freshKey()}` };
}
