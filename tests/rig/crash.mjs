// workerd killed with -9, again and again, while several visitors write: each message is sent again under its own id until
// it is acknowledged. What was acknowledged must be there once, in order (R60, C3).
import { Visitor, messageId } from "./client.mjs";
import { startProcess } from "./process.mjs";
import { until } from "./wait.mjs";

/**
 * `kills` times -9 under `writers` visitors. Returns `{acknowledged, lost, doubled, misplaced, unasked, kills}`:
 * `misplaced` are acknowledged messages whose number is not the acknowledged one, `unasked` messages that nobody sent.
 */
export async function killAndCount({ kills = 50, writers = 8 } = {}) {
  const edge = await startProcess();
  try {
    let over = false;
    const books = [];
    const work = Array.from({ length: writers }, async () => {
      const visitor = new Visitor(edge);
      await until("a first visit", () => visitor.arrive());
      const book = { visitor, acked: new Map(), sent: new Set() };
      books.push(book);
      let line;
      while (!over) {
        const id = messageId();
        book.sent.add(id);
        while (!book.acked.has(id)) {
          try {
            line = line && line.closeCode === undefined ? line : await visitor.connect(book.seen ?? 0);
            const { seq } = await write(line, id);
            book.acked.set(id, seq);
            book.seen = line.lastSeq;
          } catch (error) {
            if (error.status !== undefined && error.status < 500) throw error;
            line = undefined;
          }
          // The burst limit is ten messages and then one a second; it is not what is tested here.
          await until("the edge", () => edge.answers().then(() => true));
        }
      }
      await visitor.leave();
    });
    for (let kill = 0; kill < kills; kill += 1) {
      // Not always at the same point of a message's way: after one more acknowledgement, or two, or up to eight.
      const wanted = acknowledged(books) + 1 + ((kill * 5) % 8);
      await Promise.race([until("messages to be acknowledged between two kills", () => acknowledged(books) >= wanted, 60_000), ...work]);
      await edge.kill();
      await edge.answers();
    }
    over = true;
    await Promise.all(work);

    const count = { acknowledged: 0, lost: 0, doubled: 0, misplaced: 0, unasked: 0, kills };
    for (const { visitor, acked, sent } of books) {
      const line = await visitor.connect(0);
      const stored = line.numbered.filter((frame) => frame.type === "message");
      count.acknowledged += acked.size;
      for (const [id, seq] of acked) {
        const found = stored.filter((frame) => frame.id === id);
        if (found.length === 0) count.lost += 1;
        if (found.length > 1) count.doubled += found.length - 1;
        if (found.length === 1 && found[0].seq !== seq) count.misplaced += 1;
      }
      count.unasked += stored.filter((frame) => !sent.has(frame.id)).length;
      await visitor.leave();
    }
    return count;
  } finally {
    await edge.stop();
  }
}

const acknowledged = (books) => books.reduce((sum, { acked }) => sum + acked.size, 0);

/** Sends a message and waits for its acknowledgement, waiting out the limit of messages where it is met. */
async function write(line, id) {
  for (;;) {
    const from = line.frames.length;
    line.send({ type: "message", id, text: `What is your return policy? ${id}` });
    const answer = await line.until(`a word about ${id}`, (frame) => line.frames.indexOf(frame) >= from && frame.id === id && ["ack", "refused"].includes(frame.type), 5_000);
    if (answer.type === "ack") return answer;
    const end = Date.now() + (answer.retry_after_s ?? 1) * 1000;
    await until("the limit to pass", () => Date.now() > end || line.closeCode !== undefined, 60_000);
    if (line.closeCode !== undefined) throw new Error("the line closed");
  }
}
