/* The least that a recorder can do: RTSP over TCP from many cameras in one process, every byte that comes is written to a file. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[256 * 1024];

static void ask (int s, const char *text) {
  if (write(s, text, strlen(text)) < 0) { perror("write"); exit(1); }
}
/* Reads one answer with its body; answers its length. */
static int answer (int s, char *into, int room) {
  int n = 0;
  for (;;) {
    int got = read(s, into + n, room - n - 1);
    if (got <= 0) { fprintf(stderr, "no answer\n"); exit(1); }
    n += got;
    into[n] = 0;
    char *end = strstr(into, "\r\n\r\n");
    if (!end) continue;
    char *length = strcasestr(into, "content-length:");
    int body = length && length < end ? atoi(length + 15) : 0;
    if (n >= end + 4 - into + body) return n;
  }
}

int main (int argc, char **argv) {
  int poll = epoll_create1(0);
  static int out[4096];
  const char *folder = argv[1];
  for (int i = 2; i < argc; i++) {
    int port = atoi(argv[i]), s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    if (connect(s, (struct sockaddr *) &a, sizeof a)) { perror("connect"); return 1; }
    char text[512], reply[16384];
    snprintf(text, sizeof text, "DESCRIBE rtsp://127.0.0.1:%d/main RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n", port);
    ask(s, text); answer(s, reply, sizeof reply);
    char *media = strstr(reply, "m=video"), *control = media ? strstr(media, "a=control:") : NULL, track[128] = "trackID=0";
    if (control) sscanf(control, "a=control:%127[^\r\n]", track);
    char url[256];
    if (strncmp(track, "rtsp:", 5) == 0) snprintf(url, sizeof url, "%s", track); else snprintf(url, sizeof url, "rtsp://127.0.0.1:%d/main/%s", port, track);
    snprintf(text, sizeof text, "SETUP %s RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n", url);
    ask(s, text); answer(s, reply, sizeof reply);
    char *session = strcasestr(reply, "session:"), id[128] = "";
    if (session) sscanf(session + 8, " %127[^;\r\n]", id);
    snprintf(text, sizeof text, "PLAY rtsp://127.0.0.1:%d/main RTSP/1.0\r\nCSeq: 3\r\nSession: %s\r\nRange: npt=0.000-\r\n\r\n", port, id);
    ask(s, text);
    char path[512];
    snprintf(path, sizeof path, "%s/%d.bin", folder, i);
    out[s] = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    struct epoll_event e = { .events = EPOLLIN, .data.fd = s };
    epoll_ctl(poll, EPOLL_CTL_ADD, s, &e);
  }
  struct epoll_event events[256];
  for (;;) {
    int n = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < n; i++) {
      int got = read(events[i].data.fd, buffer, sizeof buffer);
      if (got <= 0) return 1;
      if (write(out[events[i].data.fd], buffer, got) != got) { perror("write"); return 1; }
    }
  }
}
