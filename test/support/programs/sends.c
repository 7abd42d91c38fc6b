/*
 * Sends datagrams to a unix socket, which neither Node nor a shell can.
 *
 * sends PATH text TEXT...   one datagram for each; an empty text makes an empty one
 * sends PATH heard TEXT...  the same, and lives until the receiver has taken all of them; after 5 s code 1
 * sends PATH count N        N datagrams, numbered from 0
 * sends PATH size N         one of N bytes
 * sends PATH barrier N      one with N descriptors; ends when the receiver has closed them all, after 5 s with code 1
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fd;
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void send_bytes(const char *bytes, size_t length) {
  if (sendto(fd, bytes, length, 0, (struct sockaddr *)&address, sizeof address) != (ssize_t)length) {
    perror("sendto");
    exit(2);
  }
}

static int barrier(int count) {
  int ends[2], fds[253];
  char control[CMSG_SPACE(sizeof fds)] = {0};
  struct iovec part = {"BARRIER=1", 9};
  struct msghdr message = {&address, sizeof address, &part, 1, control, CMSG_SPACE(count * sizeof(int)), 0};
  if (pipe(ends) != 0) return 2;
  for (int i = 0; i < count; i++) fds[i] = ends[1];
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  if (sendmsg(fd, &message, 0) < 0) return 2;
  close(ends[1]);
  struct pollfd waits = {ends[0], 0, 0};
  return poll(&waits, 1, 5000) == 1 ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc < 4 || strlen(argv[1]) >= sizeof address.sun_path) return 2;
  strcpy(address.sun_path, argv[1]);
  fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  int number = atoi(argv[3]);
  if (strcmp(argv[2], "barrier") == 0) return barrier(number);
  if (strcmp(argv[2], "size") == 0) {
    char *bytes = calloc(1, number);
    memset(bytes, 'x', number);
    send_bytes(bytes, number);
  }
  if (strcmp(argv[2], "count") == 0) {
    char text[16];
    for (int i = 0; i < number; i++) send_bytes(text, snprintf(text, sizeof text, "%d", i));
  }
  if (strcmp(argv[2], "text") == 0 || strcmp(argv[2], "heard") == 0)
    for (int i = 3; i < argc; i++) send_bytes(argv[i], strlen(argv[i]));
  return strcmp(argv[2], "heard") == 0 ? barrier(1) : 0;
}
