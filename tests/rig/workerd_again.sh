#!/bin/sh
# Stands between Miniflare and workerd (MINIFLARE_WORKERD_PATH), so that workerd can be killed with -9 and is started
# again at once with the same configuration, storage and port. The number of the running process is in $COUNTERSIGN_RUN/pid;
# workerd is not started while $COUNTERSIGN_RUN/hold is there, and no more once $COUNTERSIGN_RUN/stop is.
config="$COUNTERSIGN_RUN/config.bin"
cat > "$config"

# A test run that was killed leaves nothing behind: when its process is gone, so is workerd.
parent=$PPID
(
  while kill -0 "$parent" 2> /dev/null && [ -d "$COUNTERSIGN_RUN" ]; do sleep 1; done
  : > "$COUNTERSIGN_RUN/stop"
  kill -9 "$(cat "$COUNTERSIGN_RUN/pid")"
  rm -rf "$COUNTERSIGN_RUN"
) 3> /dev/null > /dev/null 2>&1 &

while [ -d "$COUNTERSIGN_RUN" ] && [ ! -e "$COUNTERSIGN_RUN/stop" ]; do
  if [ -e "$COUNTERSIGN_RUN/hold" ]; then
    sleep 0.02
    continue
  fi
  "$COUNTERSIGN_WORKERD" "$@" < "$config" &
  echo $! > "$COUNTERSIGN_RUN/pid.new"
  mv "$COUNTERSIGN_RUN/pid.new" "$COUNTERSIGN_RUN/pid"
  wait $!
  # Miniflare listens on descriptor 3 for the first start's ports only.
  exec 3> /dev/null
done
