/* crypt.h - AES-128 in ECB mode without padding, as MEF 3.0 uses it (OpenSSL's).
 *
 * The bytes are changed in place; n must be a multiple of 16. No state: any
 * number of threads. */
#ifndef LIB_CRYPT_H
#define LIB_CRYPT_H

#include <mef3/status.h>

/* MEF3_EINVAL: n is not a multiple of 16. MEF3_ENOMEM. On failure the bytes
 * mean nothing. */
MEF3_MUST int crypt_decrypt(const uint8_t key[16], uint8_t *bytes, size_t n);
MEF3_MUST int crypt_encrypt(const uint8_t key[16], uint8_t *bytes, size_t n);

#endif
