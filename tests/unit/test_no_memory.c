/* test_no_memory.c - each allocation of opening and reading fails once: the call says so,
 * nothing leaks, and what is read all the same is right.
 *
 * Linked with --wrap, so that the library's calls of malloc and the like come here. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

static long n_asked;    /* allocations so far */
static long failing;    /* number of the one that fails, from 0; -1: none */
static long n_in_use;   /* allocations that were not freed yet */
static bool is_counted; /* only what happens inside of the library */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *memory, size_t n);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
void __real_free(void *memory);
EVP_CIPHER_CTX *__real_EVP_CIPHER_CTX_new(void);
void __real_EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *cipher);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *memory, size_t n);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);
__attribute__((format(printf, 2, 3))) int __wrap_asprintf(char **text_out, const char *format, ...);
__attribute__((format(printf, 3, 4))) int __wrap___asprintf_chk(char **text_out, int flag,
                                                                const char *format, ...);
void __wrap_free(void *memory);
EVP_CIPHER_CTX *__wrap_EVP_CIPHER_CTX_new(void);
void __wrap_EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *cipher);

static bool fails(void)
{
    return is_counted && n_asked++ == failing;
}

static void *counted(void *memory)
{
    n_in_use += is_counted && memory;
    return memory;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return fails() ? NULL : counted(__real_calloc(n, bytes));
}

void *__wrap_realloc(void *memory, size_t n)
{
    if (fails())
        return NULL;
    return memory ? __real_realloc(memory, n) : counted(__real_realloc(NULL, n));
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t n)
{
    return fails() ? NULL : counted(__real_strndup(text, n));
}

__attribute__((format(printf, 2, 0))) static int print(char **text_out, const char *format,
                                                       va_list values)
{
    int n = fails() ? -1 : vasprintf(text_out, format, values);

    counted(n < 0 ? NULL : *text_out);
    return n;
}

int __wrap_asprintf(char **text_out, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    int n = print(text_out, format, values);
    va_end(values);
    return n;
}

/* What asprintf is called with -D_FORTIFY_SOURCE. */
int __wrap___asprintf_chk(char **text_out, int flag, const char *format, ...)
{
    va_list values;

    (void)flag;
    va_start(values, format);
    int n = print(text_out, format, values);
    va_end(values);
    return n;
}

void __wrap_free(void *memory)
{
    n_in_use -= is_counted && memory;
    __real_free(memory);
}

EVP_CIPHER_CTX *__wrap_EVP_CIPHER_CTX_new(void)
{
    return fails() ? NULL : counted(__real_EVP_CIPHER_CTX_new());
}

void __wrap_EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *cipher)
{
    n_in_use -= is_counted && cipher;
    __real_EVP_CIPHER_CTX_free(cipher);
}

enum { MOST = 1 << 16 };
static int32_t expected[MOST];
static uint8_t truth_expected[MOST];
static int32_t counts[MOST];
static uint8_t truth[MOST];

static void only_for_memory(void *arg, const struct mef3_damage *damage)
{
    (void)arg;
    assert_int_equal(damage->error.status, MEF3_ENOMEM);
}

/* A session that reads on demand: asked again, it goes on where memory had run out. */
static int read_lazily(struct mef3_source *source, const char *password)
{
    struct mef3_session *session;

    int status = mef3_session_open_lazy(source, password, &session, NULL);
    if (status != MEF3_OK)
        return status;
    status = mef3_channel_learn(session, 0, NULL);
    if (status != MEF3_OK) {
        assert_int_equal(status, MEF3_ENOMEM);
        assert_int_equal(mef3_channel_learn(session, 0, NULL), MEF3_OK);
    }
    assert_int_equal(mef3_channel_info(session, 0)->status, MEF3_OK);
    assert_true(mef3_channel_info(session, 0)->start_uutc != MEF3_NO_TIME);
    mef3_session_close(session);
    return status;
}

/* Open, read the first channel, close: MEF3_OK or the first failure. */
static int read_session(const struct memory_session *m, const char *password, size_t *n_out)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    int64_t n;

    *n_out = 0;
    int status = mef3_source_memory("test", m->files, m->n, &source);
    if (status == MEF3_OK)
        status = read_lazily(&source, password);
    if (status == MEF3_OK)
        status = mef3_source_memory("test", m->files, m->n, &source);
    if (status == MEF3_OK)
        status = mef3_session_open(&source, password, &session, &error);
    if (status != MEF3_OK)
        return status;
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    assert_int_equal(info->status, MEF3_OK);
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    assert_int_equal(mef3_window_samples(info->start_uutc, info->end_uutc, info->rate_hz, &n),
                     MEF3_OK);
    assert_true(n <= MOST);
    status = mef3_read_window(session, 0, info->start_uutc, info->end_uutc, counts, truth,
                              (size_t)n, only_for_memory, NULL, &error);
    if (status == MEF3_OK)
        *n_out = (size_t)n;
    else
        assert_int_equal(error.status, status);
    mef3_session_close(session);
    return status;
}

static void fail_each(const char *name, const char *password, bool is_doubtful)
{
    struct memory_session m;
    size_t n, n_expected;

    memory_load(&m, name);
    if (is_doubtful) /* its checksum is wrong: blocks are looked at */
        memory_bytes(&m, ".tidx")[UH_BYTES + INDEX_START_TIME] ^= 64;
    failing = -1;
    assert_int_equal(read_session(&m, password, &n_expected), MEF3_OK);
    memcpy(expected, counts, n_expected * sizeof *expected);
    memcpy(truth_expected, truth, n_expected);
    bool has_failed = true;
    for (failing = 0; has_failed; failing++) {
        n_asked = 0;
        n_in_use = 0;
        is_counted = true;
        int status = read_session(&m, password, &n);
        is_counted = false;
        has_failed = n_asked > failing;
        if (status != MEF3_OK)
            assert_int_equal(status, MEF3_ENOMEM);
        if (n_in_use != 0)
            fail_msg("%s: allocation %ld failed, and %ld leaked", name, failing, n_in_use);
        /* What memory was lacking for is told; the rest is right. */
        for (size_t i = 0; i < n; i++) {
            if (truth[i] == MEF3_UNREADABLE)
                continue;
            assert_int_equal(truth[i], truth_expected[i]);
            assert_int_equal(counts[i], expected[i]);
        }
    }
    assert_true(failing > 10);
    memory_free(&m);
}

static void a_plain_session_with_segments(void **state)
{
    (void)state;
    fail_each("segments", NULL, false);
}

static void an_encrypted_session(void **state)
{
    (void)state;
    fail_each("encrypted", "readall", false);
}

static void a_session_with_gaps_and_then_with_a_damaged_index(void **state)
{
    (void)state;
    fail_each("gaps", NULL, false);
    fail_each("gaps", NULL, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_session_with_segments),
        cmocka_unit_test(an_encrypted_session),
        cmocka_unit_test(a_session_with_gaps_and_then_with_a_damaged_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
