// kill9_messages_lost: acknowledged messages that were lost, doubled or moved over 50 times `kill -9`. Bar: 0.
import { killAndCount } from "../rig/crash.mjs";

const { acknowledged, lost, doubled, misplaced, unasked, kills } = await killAndCount({ kills: 50, writers: 8 });
console.log(JSON.stringify({
  value: lost + doubled + misplaced + unasked,
  detail: `${kills} kills of workerd, ${acknowledged} acknowledged: ${lost} lost, ${doubled} doubled, ${misplaced} moved, ${unasked} unasked`,
}));
