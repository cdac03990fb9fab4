/* crypt.c - AES-128 in ECB mode without padding, through OpenSSL. */
#include "crypt.h"

#include <limits.h>
#include <stdbool.h>

#include <openssl/evp.h>

enum { AES_BLOCK_BYTES = 16, DECRYPT = 0, ENCRYPT = 1 };

static int run(const uint8_t key[16], uint8_t *bytes, size_t n, int direction)
{
    int written;

    if (n % AES_BLOCK_BYTES || n > INT_MAX)
        return MEF3_EINVAL;
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    if (!aes)
        return MEF3_ENOMEM;

    /* With whole blocks and no padding, the one thing left to fail is memory. */
    bool fine = EVP_CipherInit_ex(aes, EVP_aes_128_ecb(), NULL, key, NULL, direction) &&
                EVP_CIPHER_CTX_set_padding(aes, 0) &&
                EVP_CipherUpdate(aes, bytes, &written, bytes, (int)n) && written == (int)n;
    EVP_CIPHER_CTX_free(aes);
    return fine ? MEF3_OK : MEF3_ENOMEM;
}

int crypt_decrypt(const uint8_t key[16], uint8_t *bytes, size_t n)
{
    return run(key, bytes, n, DECRYPT);
}

int crypt_encrypt(const uint8_t key[16], uint8_t *bytes, size_t n)
{
    return run(key, bytes, n, ENCRYPT);
}
