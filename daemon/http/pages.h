/* pages.h - the files of web/, which are part of the program. */
#ifndef HTTP_PAGES_H
#define HTTP_PAGES_H

#include "http/exchange.h"

/* The route of the page at that path; NULL: there is none. */
route_fn pages_answer;
bool pages_have(const char *path);

#endif
