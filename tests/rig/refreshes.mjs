// Many demands for a new token at the same moment: the company must see one refresh (R55, K5).

/** `count` demands at once. `tracked` is what became of a call made afterwards: the one new token must be the one in use. */
export async function raceRefreshes(stage, count) {
  const { company, edge } = stage;
  const { who, visitor, line } = await stage.signedIn();
  company.accounts.expire(who.user_id);
  const before = company.accounts.refreshes;
  await edge.refresh(visitor.conversation, count);
  const refreshes = company.accounts.refreshes - before;
  const [told] = await stage.does(line, ["track_order", { order_number: who.order }]);
  await visitor.leave();
  return { count, refreshes, tracked: told.status ?? told.error };
}
