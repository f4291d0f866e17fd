#!/bin/sh
# The same job by a shell and dd: slow, and what quick scripts do. conv=notrunc, or dd empties the file first.
#
# Run by: npyrace run --exec 'sh docs/examples/dd.sh' --records 64
set -e
read -r _ <"$NPYRACE_GO" || true # waits until every job is here; a job may leave this out

# Two bytes after the magic string and the version: the length of the rest of the header.
header=$(od -An -tu2 -j8 -N2 "$NPYRACE_EXPECT" | tr -d ' ')
data=$((10 + header))
record=$((($(stat -c %s "$NPYRACE_EXPECT") - data) / NPYRACE_LENGTH))
i=$NPYRACE_SLICE_START
while [ "$i" -lt "$NPYRACE_SLICE_STOP" ]; do
  at=$((data + i * record))
  dd if="$NPYRACE_EXPECT" of="$NPYRACE_FILE" bs="$record" count=1 skip="$at" seek="$at" \
    iflag=skip_bytes oflag=seek_bytes conv=notrunc,fsync status=none
  i=$((i + NPYRACE_SLICE_STEP))
done
