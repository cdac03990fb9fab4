/* allocations.c - the library's calls of malloc and the like: counted, and made to fail. */
#include "help/allocations.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct allocations allocations = {.failing = -1};

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

void allocations_begin(long failing)
{
    allocations = (struct allocations){.is_counted = true, .failing = failing};
}

void allocations_end(void)
{
    allocations.is_counted = false;
}

static bool fails(void)
{
    return allocations.is_counted && allocations.n_asked++ == allocations.failing;
}

static void add_bytes(const void *memory)
{
    allocations.bytes_in_use += malloc_usable_size((void *)(uintptr_t)memory);
    if (allocations.bytes_in_use > allocations.bytes_most)
        allocations.bytes_most = allocations.bytes_in_use;
}

static void *counted(void *memory)
{
    if (allocations.is_counted && memory) {
        allocations.n_in_use++;
        add_bytes(memory);
    }
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
    if (!memory)
        return counted(__real_realloc(NULL, n));
    size_t before = malloc_usable_size(memory);
    void *moved = __real_realloc(memory, n);
    if (allocations.is_counted && moved) {
        /* Both may be there for a moment. */
        add_bytes(moved);
        allocations.bytes_in_use -= before;
    }
    return moved;
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
    if (allocations.is_counted && memory) {
        allocations.n_in_use--;
        allocations.bytes_in_use -= malloc_usable_size(memory);
    }
    __real_free(memory);
}

EVP_CIPHER_CTX *__wrap_EVP_CIPHER_CTX_new(void)
{
    EVP_CIPHER_CTX *cipher = fails() ? NULL : __real_EVP_CIPHER_CTX_new();

    allocations.n_in_use += allocations.is_counted && cipher;
    return cipher;
}

void __wrap_EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *cipher)
{
    allocations.n_in_use -= allocations.is_counted && cipher;
    __real_EVP_CIPHER_CTX_free(cipher);
}
