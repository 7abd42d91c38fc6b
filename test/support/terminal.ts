import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** Opens a pseudo terminal that is nobody's yet, says its name, and hands on what is typed and printed. Perl is on every Debian; Node has no ioctl(2). */
const OPEN = `use Fcntl;
sysopen(my $end, "/dev/ptmx", O_RDWR | O_NOCTTY) or die $!;
my $number = pack("i", 0);
ioctl($end, 0x40045431, $number) or die $!;
ioctl($end, 0x80045430, $number) or die $!;
sysopen(my $other, "/dev/pts/" . unpack("i", $number), O_RDWR | O_NOCTTY) or die $!;
syswrite(STDOUT, "/dev/pts/" . unpack("i", $number) . "\\n");
if (fork() == 0) { while (sysread(STDIN, my $typed, 4096)) { syswrite($end, $typed) } exit }
while (sysread($end, my $printed, 4096)) { syswrite(STDOUT, $printed) }`;

export interface Terminal {
  readonly path: string;
  /** What was printed on it so far, and what it has echoed. */
  text(): string;
  type(line: string): void;
}

/** A terminal that is gone after the test. */
export async function openTerminal(): Promise<Terminal> {
  const perl = spawn("perl", ["-e", OPEN], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    perl.stdin.end();
    perl.kill("SIGKILL");
    if (perl.exitCode === null && perl.signalCode === null) await once(perl, "exit");
  });
  let text = "";
  const path = await new Promise<string>((resolve, reject) => {
    perl.once("exit", () => reject(new Error("no terminal could be opened")));
    perl.stdout.setEncoding("utf8").on("data", (some: string) => {
      text += some;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
  });
  return { path, text: () => text.slice(path.length + 1), type: (line) => void perl.stdin.write(`${line}\n`) };
}
