// refresh_concurrent: refreshes that the company sees when fifty calls find the token ended at the same moment. Bar: 1.
import { raceRefreshes } from "../rig/refreshes.mjs";
import { startStage } from "../rig/stage.mjs";

const stage = await startStage();
try {
  const { count, refreshes, tracked } = await raceRefreshes(stage, 50);
  // One refresh whose token is not the one in use would be no refresh.
  const value = tracked === "done" ? refreshes : null;
  console.log(JSON.stringify({ value, detail: `${count} demands at once: ${refreshes} refreshes; a call right afterwards: ${tracked}` }));
} finally {
  await stage.stop();
}
