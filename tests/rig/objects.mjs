// What a conversation's object keeps, read from its own file: the log with which every model is asked, whoever answers it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { until } from "./wait.mjs";

const { DatabaseSync } = await quietly(() => import("node:sqlite"));

/** The rows of a query on the object of a conversation, from the files of an edge that `startProcess` gave. */
export async function rowsOf(edge, conversation, query) {
  return until(`the object of ${conversation}`, async () => {
    const files = (await edge.files()).filter(({ file }) => file.includes("-Conversation") && !file.includes("metadata"));
    for (const { file } of files.filter((one) => one.file.endsWith(".sqlite"))) {
      const rows = await inCopy(files.filter((one) => one.file.startsWith(file)), (db) => {
        const [meta] = db.prepare("SELECT conversation FROM meta").all();
        return meta?.conversation === conversation ? db.prepare(query).all() : undefined;
      });
      if (rows) return rows;
    }
    return undefined;
  });
}

/** The log for the model: messages as `domain/src/model/mod.rs` has them, oldest first. */
export async function modelLog(edge, conversation) {
  return (await rowsOf(edge, conversation, "SELECT body FROM log ORDER BY id")).map(({ body }) => JSON.parse(body));
}

/** What lies there is in use, and its write-ahead log is a part of it: looked at in a copy. */
async function inCopy(files, look) {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-object-"));
  try {
    for (const { file, bytes } of files) if (!file.endsWith("-shm")) await writeFile(path.join(folder, path.basename(file)), bytes);
    const db = new DatabaseSync(path.join(folder, path.basename(files[0].file.replace(/-(wal|shm)$/, ""))));
    try {
      return look(db);
    } finally {
      db.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Node says of its own module that it is an experiment: no news for whoever reads the output of a test. */
async function quietly(load) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
