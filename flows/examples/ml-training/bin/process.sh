#!/bin/sh
# Sorts each file of INPUT_DIR into OUTPUT_DIR.
set -eu
mkdir -p "$OUTPUT_DIR"
for file in "$INPUT_DIR"/*; do
  sort -n "$file" > "$OUTPUT_DIR/${file##*/}"
  echo "processed ${file##*/}"
done
