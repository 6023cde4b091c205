// TLS before plain ports, for names under `.test`, with a certificate of our own. Bytes are piped as they are, so
// WebSockets pass too. The line can be cut, as a lost network does.
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import selfsigned from "selfsigned";

const NAMES = ["edge.test", "shop.test", "shop-a.test", "shop-b.test", "other.test", "evil.test", "chat.shop.test"];

let certificate;

function ownCertificate() {
  certificate ??= selfsigned.generate([{ name: "commonName", value: "countersign.test" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: NAMES.map((value) => ({ type: 2, value })) }],
  });
  return certificate;
}

/** Key and certificate, PEM, for a server of one's own. */
export async function ownKey() {
  const pems = await ownCertificate();
  return { key: pems.private, cert: pems.cert };
}

/**
 * Listens with TLS and pipes to `to(port)`'s port on loopback. The port is known before there is anything behind it:
 * an edge must be told its public origin when it starts.
 */
export async function startTls() {
  const open = new Set();
  let target;
  let down = false;
  const server = tls.createServer(await ownKey(), (near) => {
    if (down || target === undefined) return near.destroy();
    const far = net.connect(target, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    port,
    origin: (name) => `https://${name}.test:${port}`,
    to(where) {
      target = where;
    },
    /** Breaks every connection and refuses new ones. */
    cut() {
      down = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      down = false;
    },
    async stop() {
      this.cut();
      server.close();
      await once(server, "close");
    },
  };
}
