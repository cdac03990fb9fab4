/* words.h - values as words. All return `text`, of WORDS_BYTES; what is not known is "-". */
#ifndef TOP_WORDS_H
#define TOP_WORDS_H

#include "answer.h"
#include "cli/amount.h"

enum { WORDS_BYTES = AMOUNT_BYTES };

char *words_count(double count, char *text);        /* "12" */
char *words_rate(double rate, char *text);          /* "0.4", "12" */
char *words_bytes(double bytes, char *text);        /* "1.2 MB" */
char *words_share(double share, char *text);        /* "98.5 %" */
char *words_seconds(double seconds, char *text);    /* "85 µs", "1.2 ms", "3.4 s", "2m05s" */
char *words_clock(double since_1970_s, char *text); /* "2020-09-13 12:26:40" */

/* A time of `answer`; one beyond its last bound is "> 30 s". */
char *words_took(double seconds, const struct answer *answer, char *text);

#endif
