/* msan.c - for MemorySanitizer, which does not see what OpenSSL does, and not through every
 * instruction that works on vectors.
 *
 * Linked with --wrap into the programs of a build with that sanitizer. What OpenSSL and stat write
 * is known; and the processor is one that has no vectors, so that the plain ways are taken. */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sanitizer/msan_interface.h>
#include <sys/stat.h>

/* What __builtin_cpu_supports looks into, made by the compiler's library before this. */
extern struct {
    unsigned vendor, type, subtype, features[1];
} __cpu_model __attribute__((visibility("hidden")));

__attribute__((constructor)) static void take_plain_ways(void)
{
    __builtin_cpu_init();
    __cpu_model.features[0] = 0;
}

unsigned char *__real_SHA256(const unsigned char *bytes, size_t n, unsigned char *hash_out);
unsigned char *__wrap_SHA256(const unsigned char *bytes, size_t n, unsigned char *hash_out);
int __real_EVP_CipherUpdate(EVP_CIPHER_CTX *cipher, unsigned char *out, int *n_out,
                            const unsigned char *in, int n);
int __wrap_EVP_CipherUpdate(EVP_CIPHER_CTX *cipher, unsigned char *out, int *n_out,
                            const unsigned char *in, int n);
int __real_EVP_CipherInit_ex(EVP_CIPHER_CTX *cipher, const EVP_CIPHER *type, ENGINE *engine,
                             const unsigned char *key, const unsigned char *iv, int direction);
int __wrap_EVP_CipherInit_ex(EVP_CIPHER_CTX *cipher, const EVP_CIPHER *type, ENGINE *engine,
                             const unsigned char *key, const unsigned char *iv, int direction);

unsigned char *__wrap_SHA256(const unsigned char *bytes, size_t n, unsigned char *hash_out)
{
    __msan_check_mem_is_initialized(bytes, n);
    __msan_scoped_disable_interceptor_checks();
    unsigned char *answer = __real_SHA256(bytes, n, hash_out);
    __msan_scoped_enable_interceptor_checks();
    __msan_unpoison(hash_out, SHA256_DIGEST_LENGTH);
    return answer;
}

int __wrap_EVP_CipherInit_ex(EVP_CIPHER_CTX *cipher, const EVP_CIPHER *type, ENGINE *engine,
                             const unsigned char *key, const unsigned char *iv, int direction)
{
    __msan_check_mem_is_initialized(key, 16);
    __msan_scoped_disable_interceptor_checks();
    int answer = __real_EVP_CipherInit_ex(cipher, type, engine, key, iv, direction);
    __msan_scoped_enable_interceptor_checks();
    return answer;
}

int __wrap_EVP_CipherUpdate(EVP_CIPHER_CTX *cipher, unsigned char *out, int *n_out,
                            const unsigned char *in, int n)
{
    __msan_check_mem_is_initialized(in, (size_t)n);
    int answer = __real_EVP_CipherUpdate(cipher, out, n_out, in, n);
    __msan_unpoison(n_out, sizeof *n_out);
    __msan_unpoison(out, (size_t)n);
    return answer;
}

/* The C library has these by names that the sanitizer of clang 14 does not know yet. */
#define WRAP_STAT(name, parameters, ...)                   \
    int __real_##name parameters;                          \
    int __wrap_##name parameters;                          \
    int __wrap_##name parameters                           \
    {                                                      \
        int answer = __real_##name(__VA_ARGS__);           \
        if (answer == 0)                                   \
            __msan_unpoison(facts_out, sizeof *facts_out); \
        return answer;                                     \
    }
WRAP_STAT(stat64, (const char *path, struct stat64 *facts_out), path, facts_out)
WRAP_STAT(fstat64, (int fd, struct stat64 *facts_out), fd, facts_out)
WRAP_STAT(fstatat64, (int fd, const char *path, struct stat64 *facts_out, int flags), fd, path,
          facts_out, flags)
