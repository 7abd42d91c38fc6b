/* flood FIFO BYTES CHUNK: a byte to the FIFO, then BYTES to stdout in lines of 100, CHUNK of them with each write, and then nothing more. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 100 };

int main(int count, char **words) {
  if (count != 4) return 64;
  const int fifo = open(words[1], O_WRONLY | O_CLOEXEC);
  const long bytes = atol(words[2]), chunk = atol(words[3]);
  /* As many more as make each write begin anywhere in a line. */
  char *lines = malloc(chunk + LINE);
  if (fifo < 0 || chunk < 1 || lines == NULL) return 1;
  for (long i = 0; i < chunk + LINE; i++) lines[i] = i % LINE == LINE - 1 ? '\n' : 'a' + i % LINE % 26;
  if (write(fifo, "x", 1) != 1) return 1;
  for (long at = 0; at < bytes;) {
    const ssize_t wrote = write(STDOUT_FILENO, lines + at % LINE, bytes - at < chunk ? bytes - at : chunk);
    if (wrote < 0) return 1;
    at += wrote;
  }
  for (;;) pause();
}
