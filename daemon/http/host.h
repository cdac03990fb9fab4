/* host.h - whether a request is meant for us, as its Host says.
 *
 * The pages have no login, and a browser lets a page read what comes from its own name. Who owns a
 * name can point it at 127.0.0.1 after his page was loaded ("DNS rebinding"), and would read all
 * recordings through the browser of whoever visits him. So only such names are answered as
 * nobody else can have: addresses, localhost, and those that the settings allow. */
#ifndef HTTP_HOST_H
#define HTTP_HOST_H

#include <stdbool.h>

/* `host` with its port; NULL, of a client that is no browser, is fine. `names`: more that are ours,
 * with '\n' between them. Letters may be large or small. */
bool host_is_ours(const char *host, const char *names);

#endif
