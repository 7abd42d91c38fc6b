/*
 * Takes the times, in nanoseconds of CLOCK_MONOTONIC, so that none of them has the wake-up of a runtime in it.
 *
 *   stopwatch exec PROGRAM ARG...   writes the time to descriptor 3, closes it, and becomes PROGRAM
 *   stopwatch run PROGRAM ARG...    runs PROGRAM to its end, its output thrown away, and prints how long that took; ends as it did
 *   stopwatch fifo PATH             makes the FIFO, prints `ready`, and for each line of stdin a time: `bytes N`: when so many more had come;
 *                                   `end`: when nobody held it open for writing any more
 *   stopwatch gone PID...           prints `ready`, and the time when the last of the processes, of which none need be its child, is gone
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static int failed(const char *what) {
  perror(what);
  return 111;
}

static int become(char **words) {
  dprintf(3, "%lld\n", now());
  close(3);
  execvp(words[0], words);
  return failed(words[0]);
}

static int run(char **words) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  const long long began = now();
  const pid_t child = vfork();
  if (child == 0) {
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execvp(words[0], words);
    _exit(127);
  }
  int status;
  if (child < 0 || waitpid(child, &status, 0) < 0) return failed(words[0]);
  printf("%lld\n", now() - began);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int fifo(const char *path) {
  if (mkfifo(path, 0600) < 0) return failed(path);
  const int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  /* As long as this is open the end of file does not come between two services that each hold it for a moment only. */
  int keeper = open(path, O_WRONLY | O_CLOEXEC);
  if (reader < 0 || keeper < 0 || fcntl(reader, F_SETFL, 0) < 0) return failed(path);
  puts("ready");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char bytes[4096];
    if (strncmp(line, "bytes ", 6) == 0) {
      for (long left = atol(line + 6); left > 0;) {
        const ssize_t got = read(reader, bytes, left < (long)sizeof bytes ? left : (long)sizeof bytes);
        if (got <= 0) return failed("read");
        left -= got;
      }
    } else {
      close(keeper);
      while (read(reader, bytes, sizeof bytes) > 0) continue;
    }
    printf("%lld\n", now());
    fflush(stdout);
  }
  return 0;
}

static int gone(int count, char **pids) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int *descriptors = malloc(sizeof(int) * (count + 1));
  int open = 0;
  for (int i = 0; i < count; i++) {
    const int descriptor = syscall(SYS_pidfd_open, atoi(pids[i]), 0);
    if (descriptor >= 0) descriptors[open++] = descriptor;
    else if (errno != ESRCH) return failed(pids[i]);
  }
  puts("ready");
  fflush(stdout);
  for (int i = 0; i < open; i++) {
    struct pollfd one = {.fd = descriptors[i], .events = POLLIN};
    while (poll(&one, 1, -1) < 0) continue;
  }
  printf("%lld\n", now());
  return 0;
}

int main(int count, char **words) {
  if (count > 2 && strcmp(words[1], "exec") == 0) return become(words + 2);
  if (count > 2 && strcmp(words[1], "run") == 0) return run(words + 2);
  if (count == 3 && strcmp(words[1], "fifo") == 0) return fifo(words[2]);
  if (count > 2 && strcmp(words[1], "gone") == 0) return gone(count - 2, words + 2);
  return 64;
}
