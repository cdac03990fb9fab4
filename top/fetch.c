/* fetch.c - one page of an HTTP server, by libcurl. */
#include "fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

enum { FAILURE_BYTES = CURL_ERROR_SIZE + 64 };

struct fetch {
    CURLM *several; /* of one: what can wait for it and for a key at once */
    CURL *one;
    bool is_under_way;
    bool is_too_large;
    bool has_failed; /* before it began */
    char *bytes;
    size_t n;
    size_t room;
    char detail[CURL_ERROR_SIZE];
    char failure[FAILURE_BYTES];
};

static bool is_http(const char *scheme)
{
    return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
}

/* Of a URL that libcurl has read: is it one that we ask? To be freed; NULL: no. */
static char *complete(CURLU *parts, bool has_scheme)
{
    char *scheme = NULL, *port = NULL, *query = NULL, *url = NULL, *own = NULL;

    bool is_fine = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                   is_http(scheme) &&
                   curl_url_get(parts, CURLUPART_QUERY, &query, 0) == CURLUE_NO_QUERY;
    if (is_fine && !has_scheme && curl_url_get(parts, CURLUPART_PORT, &port, 0) != CURLUE_OK)
        is_fine = curl_url_set(parts, CURLUPART_PORT, "50080", 0) == CURLUE_OK;
    is_fine = is_fine && curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK;
    if (is_fine)
        own = strdup(url);
    for (size_t n = own ? strlen(own) : 0; n > 0 && own[n - 1] == '/'; n--)
        own[n - 1] = '\0';
    curl_free(scheme);
    curl_free(port);
    curl_free(query);
    curl_free(url);
    return own;
}

char *fetch_url(const char *address)
{
    bool has_scheme = strstr(address, "://") != NULL;
    char text[1024];
    CURLU *parts = curl_url();
    char *url = NULL;
    int n = snprintf(text, sizeof text, "%s%s", has_scheme ? "" : "http://", address);

    if (parts && n < (int)sizeof text && curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK)
        url = complete(parts, has_scheme);
    curl_url_cleanup(parts);
    return url;
}

static bool make_room(struct fetch *fetch, size_t n)
{
    size_t room = 2 * fetch->room + n;
    char *bytes = realloc(fetch->bytes, room);

    if (!bytes)
        return false;
    fetch->bytes = bytes;
    fetch->room = room;
    return true;
}

static size_t take(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;

    n *= size;
    fetch->is_too_large = n > FETCH_BYTES_MOST - fetch->n;
    if (fetch->is_too_large)
        return 0;
    if (n > fetch->room - fetch->n && !make_room(fetch, n))
        return 0;
    memcpy(fetch->bytes + fetch->n, bytes, n);
    fetch->n += n;
    return n;
}

static bool set_up(struct fetch *fetch, const char *url)
{
    CURL *one = fetch->one;

    return curl_easy_setopt(one, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS) == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_TIMEOUT_MS, (long)FETCH_MS) == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_ERRORBUFFER, fetch->detail) == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(one, CURLOPT_WRITEDATA, fetch) == CURLE_OK;
}

struct fetch *fetch_new(const char *url)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    char page[2048];

    if (!fetch)
        return NULL;
    fetch->several = curl_multi_init();
    fetch->one = curl_easy_init();
    if (!fetch->several || !fetch->one ||
        snprintf(page, sizeof page, "%s/api/v1/status", url) >= (int)sizeof page ||
        !set_up(fetch, page)) {
        fetch_free(fetch);
        return NULL;
    }
    return fetch;
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch)
        return;
    if (fetch->is_under_way)
        curl_multi_remove_handle(fetch->several, fetch->one);
    curl_easy_cleanup(fetch->one);
    curl_multi_cleanup(fetch->several);
    free(fetch->bytes);
    free(fetch);
}

void fetch_begin(struct fetch *fetch)
{
    if (fetch->is_under_way)
        return;
    fetch->n = 0;
    fetch->is_too_large = false;
    fetch->detail[0] = '\0';
    fetch->has_failed = curl_multi_add_handle(fetch->several, fetch->one) != CURLM_OK;
    fetch->is_under_way = !fetch->has_failed;
}

static enum fetch_state fail(struct fetch *fetch, const char *why)
{
    snprintf(fetch->failure, sizeof fetch->failure, "%s", why);
    return FETCH_FAILED;
}

static enum fetch_state conclude(struct fetch *fetch, CURLcode result)
{
    long status = 0;
    char text[64];

    curl_multi_remove_handle(fetch->several, fetch->one);
    fetch->is_under_way = false;
    if (fetch->is_too_large)
        return fail(fetch, "the answer is too large for one of mef3d's");
    if (result == CURLE_WRITE_ERROR)
        return fail(fetch, "out of memory");
    if (result != CURLE_OK)
        return fail(fetch, fetch->detail[0] ? fetch->detail : curl_easy_strerror(result));
    curl_easy_getinfo(fetch->one, CURLINFO_RESPONSE_CODE, &status);
    snprintf(text, sizeof text, "it answers with status %ld", status);
    return status == 200 ? FETCH_DONE : fail(fetch, text);
}

enum fetch_state fetch_wait(struct fetch *fetch, int timeout_ms, int other_fd)
{
    struct curl_waitfd other = {.fd = other_fd, .events = CURL_WAIT_POLLIN};
    int n = 0;

    if (fetch->has_failed) {
        fetch->has_failed = false;
        return fail(fetch, "out of memory");
    }
    errno = 0;
    if (curl_multi_poll(fetch->several, &other, other_fd >= 0, timeout_ms, NULL) != CURLM_OK &&
        errno != EINTR)
        return fail(fetch, "libcurl cannot wait");
    if (!fetch->is_under_way)
        return FETCH_IDLE;
    if (curl_multi_perform(fetch->several, &n) != CURLM_OK)
        return fail(fetch, "libcurl cannot go on");
    for (CURLMsg *message; (message = curl_multi_info_read(fetch->several, &n)) != NULL;)
        if (message->msg == CURLMSG_DONE)
            return conclude(fetch, message->data.result);
    return FETCH_UNDER_WAY;
}

const char *fetch_text(const struct fetch *fetch, size_t *n_out)
{
    *n_out = fetch->n;
    return fetch->bytes ? fetch->bytes : "";
}

const char *fetch_failure(const struct fetch *fetch)
{
    return fetch->failure;
}
