// Host pages on https://shop.test and its neighbours: the demo shop, or any page that a test writes.
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import https from "node:https";
import path from "node:path";

import { root } from "./paths.mjs";
import { ownKey } from "./tls.mjs";

/** The demo's shop for this edge, as pages to serve under `at`. */
export function demoPages({ edge, inbox = `${edge}/dev/inbox`, company = "http://127.0.0.1:8789", at = "/demo/" }) {
  const folder = path.join(root, "demo", "shop");
  return Object.fromEntries(readdirSync(folder).map((file) => {
    const text = readFileSync(path.join(folder, file), "utf8").replaceAll("{{edge}}", edge).replaceAll("{{inbox}}", inbox).replaceAll("{{company}}", company);
    const type = { ".css": "text/css", ".svg": "image/svg+xml" }[path.extname(file)] ?? "text/html; charset=utf-8";
    return [file === "index.html" ? at : at + file, { html: text, headers: { "content-type": type } }];
  }));
}

/** The least page that embeds an agent, `times` over. */
export function plainPage({ edge, agent = "ag_northwind", times = 1 }) {
  const script = `<script async src="${edge}/embed.js" data-agent="${agent}"></script>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title></head>
<body><h1>A shop</h1><p>Welcome.</p>${script.repeat(times)}</body></html>`;
}

/** Serves pages: `pages` maps a path to HTML, or to `{html, headers}`. Every name under `.test` gets the same ones. */
export async function startShop(pages) {
  const server = https.createServer(await ownKey(), (incoming, outgoing) => {
    const page = pages[new URL(incoming.url, "https://shop.test").pathname];
    if (!page) {
      outgoing.writeHead(404, { "content-type": "text/plain" });
      return outgoing.end("no such page");
    }
    const { html, headers = {} } = typeof page === "string" ? { html: page } : page;
    outgoing.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    outgoing.end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    port,
    pages,
    origin: (name = "shop") => `https://${name}.test:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
