/* endpoint.h - an address of a socket, as people write it. */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#define ENDPOINT_TEXT 160

/* Of a socket's own end, or of the other one: "127.0.0.1:50051", "[::1]:50051",
 * "unix:/run/mef3d.sock", "unix" when it has no name; "unknown". */
void endpoint_own(int fd, char text[ENDPOINT_TEXT]);
void endpoint_peer(int fd, char text[ENDPOINT_TEXT]);

#endif
