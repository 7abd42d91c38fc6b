// Prints as many numbered lines as it is told, as fast as they are taken, and then a last word on stderr.
const lines = Number(process.argv[2]);
let next = 0;
function flood() {
  while (next < lines) {
    let text = "";
    for (const end = Math.min(next + 1_000, lines); next < end; next++) text += `line ${next} ${"x".repeat(80)}\n`;
    if (!process.stdout.write(text)) {
      process.stdout.once("drain", flood);
      return;
    }
  }
  process.stderr.write("done\n");
}
flood();
