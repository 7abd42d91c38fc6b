/*
 * The service that every supervisor runs: opens a FIFO, writes one byte and holds it open until a signal ends it. So as many bytes as services say that
 * all run, and the end of file says that none does, whoever started them.
 *
 *   service FIFO          as said
 *   service FIFO once     writes the byte and ends
 *   service FIFO WORD     also says on descriptor 3, if there is one, that it is ready, as s6 wants it: the kernel puts the name of the script there
 *                         when a line `#!service FIFO` starts this
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 2) return 64;
  const int fifo = open(words[1], O_WRONLY | O_CLOEXEC);
  if (fifo < 0 || write(fifo, "x", 1) != 1) return 1;
  if (count > 2 && strcmp(words[2], "once") == 0) return 0;
  if (count > 2 && fifo != 3 && write(3, "\n", 1) == 1) close(3);
  for (;;) pause();
}
