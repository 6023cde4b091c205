// The built edge in a workerd of its own that can be killed with `kill -9` and comes back on the same port with the same
// storage, as after a crash of the machine. Storage lies in a folder that can be searched byte by byte.
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

import { agent, orders, seeding } from "./agents.mjs";
import { development } from "./development.mjs";
import { settingsFor } from "./edge.mjs";
import { request } from "./http.mjs";
import { outbox, resendMails } from "./inbox.mjs";
import { builtEdge, root } from "./paths.mjs";
import { freshSecrets } from "./secrets.mjs";
import { until, within } from "./wait.mjs";

const require = createRequire(import.meta.url);

async function freePort() {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** The modules of a built worker: every script and wasm file beside its main one. */
async function modulesOf(main) {
  const folder = path.dirname(main);
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.(js|mjs|wasm)$/.test(file));
  return [path.basename(main), ...files.filter((file) => file !== path.basename(main))].map((file) => ({
    type: file.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path: path.join(folder, file),
  }));
}

/**
 * Starts the edge as a process. `config` and `main` are another wrangler file and built script for checks of this rig.
 * Returns `{url, origin, dir, rows(), kill(), hold(), letGo(), logs(), files(), stop(), …}`.
 */
export async function startProcess({
  agents = [agent()], collections = [orders()], resend, model, vars = {}, secrets = {}, origin = "https://edge.test",
  config = path.join(root, "wrangler.toml"), env = "dev", main, seed = true,
} = {}) {
  const { Miniflare, LogLevel, Log, convertV4MiniflareOptions } = await import("miniflare");
  const { unstable_getMiniflareWorkerOptions: optionsOf, unstable_splitSqlQuery: split } = await import("wrangler");
  const run = await mkdtemp(path.join(tmpdir(), "countersign-edge-"));
  const storage = path.join(run, "storage");
  await mkdir(storage);
  const { workerOptions } = optionsOf(config, env);
  const modules = await modulesOf(main ?? builtEdge());
  const port = await freePort();
  const lines = [];
  const players = settingsFor({ resend, model });
  const allSecrets = { ...freshSecrets(), ...players.secrets, ...secrets };
  process.env.MINIFLARE_WORKERD_PATH = path.join(root, "tests", "rig", "workerd_again.sh");

  const miniflare = new Miniflare(convertV4MiniflareOptions({
    rootPath: root,
    host: "127.0.0.1",
    port,
    log: new Log(LogLevel.NONE),
    resourcePersistencePath: storage,
    unsafeRuntimeEnv: { COUNTERSIGN_RUN: run, COUNTERSIGN_WORKERD: require("workerd").default },
    handleStructuredLogs: (line) => lines.push(`${line.level} ${line.message}`),
    workers: [{
      ...workerOptions,
      modulesRoot: path.dirname(modules[0].path),
      modules,
      bindings: { ...workerOptions.bindings, PUBLIC_ORIGIN: origin, ...players.vars, ...vars, ...allSecrets },
    }],
  }));
  await miniflare.ready;
  const url = `http://127.0.0.1:${port}`;
  const pidFile = path.join(run, "pid");
  const pid = () => Number(readFileSync(pidFile, "utf8"));

  const edge = {
    url,
    origin,
    port,
    dir: storage,
    secrets: allSecrets,
    pid,
    /** Runs one statement on D1 and gives its rows. */
    rows: async (sql, ...values) => (await (await miniflare.getD1Database("DB")).prepare(sql).bind(...values).all()).results,
    /** Runs statements of the form `[sql, ...values]` on D1. */
    async sql(statements) {
      const database = await miniflare.getD1Database("DB");
      await database.batch(statements.map(([text, ...values]) => database.prepare(text).bind(...values)));
    },
    /** kill -9, and the number of the process that came after it. */
    async kill() {
      const before = pid();
      process.kill(before, "SIGKILL");
      await until("workerd to be gone", () => !alive(before));
      await until("workerd to be started again", () => pid() !== before || existsSync(path.join(run, "hold")));
    },
    /**
     * kill -9, and back with other secrets on the same storage, as after `wrangler secret put`. They are written over the old
     * ones in workerd's own configuration, filled up with blanks: a secret must have been at least as long before.
     */
    async restartWith(changed) {
      const file = path.join(run, "config.bin");
      let bytes = await readFile(file);
      for (const [name, value] of Object.entries(changed)) {
        const [old, put] = [Buffer.from(allSecrets[name]), Buffer.from(value.padEnd(allSecrets[name].length))];
        const at = bytes.indexOf(old);
        if (at < 0 || put.length !== old.length) throw new Error(`${name} cannot be changed to this`);
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + old.length)]);
        allSecrets[name] = put.toString();
      }
      await writeFile(file, bytes);
      await this.kill();
      await this.answers();
    },
    /** Keeps workerd from coming back after the next kill, until `letGo()`. */
    hold: () => writeFile(path.join(run, "hold"), ""),
    letGo: () => rm(path.join(run, "hold"), { force: true }),
    /** Until the edge answers again. */
    answers: () => until("the edge to answer", async () => (await request(`${url}/health`)).status < 500),
    /** Everything that was written to the log, over all starts. */
    logs: () => lines.join("\n"),
    /** Every file of the storage with its bytes, write-ahead logs included. */
    async files() {
      for (let tries = 1; ; tries += 1) {
        try {
          const names = (await readdir(storage, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
          return await Promise.all(names.map(async (entry) => {
            const file = path.join(entry.parentPath, entry.name);
            return { file: path.relative(storage, file), bytes: await readFile(file) };
          }));
        } catch (error) {
          // An object that goes to sleep takes its write-ahead log with it: what was in it may have been missed, so all is read again.
          if (error.code !== "ENOENT" || tries === 10) throw error;
        }
      }
    },
    async stop() {
      await writeFile(path.join(run, "stop"), "");
      const last = pid();
      if (alive(last)) process.kill(last, "SIGKILL");
      await within("Miniflare to stop", miniflare.dispose()).catch(() => {});
      await until("workerd to be gone", () => !alive(last));
      await rm(run, { recursive: true, force: true, maxRetries: 5 });
    },
  };

  Object.assign(edge, development(edge));
  edge.mailbox = resend ? resendMails(resend) : outbox(edge);
  try {
    if (seed) {
      const db = await miniflare.getD1Database("DB");
      const folder = path.join(root, "edge", "migrations");
      for (const name of (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort()) {
        const statements = split(await readFile(path.join(folder, name), "utf8"));
        await db.batch(statements.map((text) => db.prepare(text)));
      }
      await db.batch(seeding(agents, collections).map(([text, ...values]) => db.prepare(text).bind(...values)));
    }
  } catch (error) {
    await edge.stop();
    throw error;
  }
  return edge;
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    // A killed child whose parent has not asked for it yet is no longer running.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
