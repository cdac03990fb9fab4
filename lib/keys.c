/* keys.c - passwords: from text to AES keys, and the fields that validate them.
 *
 * A password's bytes are the low bytes of its characters' code points, filled up
 * with zeros to 16; they are the key of their level. A header keeps
 *
 *     level-1 field = first 16 bytes of SHA-256(level-1 bytes)
 *     level-2 field = first 16 bytes of SHA-256(level-2 bytes) XOR level-1 bytes
 *
 * so that whoever knows the level-2 password can work out the level-1 bytes. */
#include <mef3/red.h>

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

enum { PASSWORD_BYTES = 16 };

/* The next character of UTF-8 text, or -1 where the text is not UTF-8. Text is
 * zero-terminated: a byte is looked at only when the one before was not zero. */
static int32_t next_character(const uint8_t **at)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *s = *at;
    int length = s[0] < 0x80   ? 1
                 : s[0] < 0xC0 ? 0
                 : s[0] < 0xE0 ? 2
                 : s[0] < 0xF0 ? 3
                 : s[0] < 0xF8 ? 4
                               : 0;

    if (length == 0)
        return -1;
    int32_t c = length == 1 ? s[0] : s[0] & (0x7F >> length);
    for (int i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return -1;
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return -1;
    *at = s + length;
    return c;
}

static bool password_bytes(const char *text, uint8_t bytes_out[PASSWORD_BYTES])
{
    const uint8_t *at = (const uint8_t *)text;

    memset(bytes_out, 0, PASSWORD_BYTES);
    for (size_t n = 0; *at; n++) {
        int32_t c = next_character(&at);
        if (c < 0 || n == PASSWORD_BYTES)
            return false;
        bytes_out[n] = (uint8_t)(c & 0xFF);
    }
    return true;
}

static void half_hash(const uint8_t bytes[PASSWORD_BYTES], uint8_t hash_out[PASSWORD_BYTES])
{
    uint8_t hash[SHA256_DIGEST_LENGTH];

    SHA256(bytes, PASSWORD_BYTES, hash);
    memcpy(hash_out, hash, PASSWORD_BYTES);
}

static bool is_zero(const uint8_t bytes[PASSWORD_BYTES])
{
    static const uint8_t zero[PASSWORD_BYTES];

    return memcmp(bytes, zero, PASSWORD_BYTES) == 0;
}

static bool hash_matches(const uint8_t bytes[PASSWORD_BYTES], const uint8_t field[PASSWORD_BYTES])
{
    uint8_t hash[PASSWORD_BYTES];

    half_hash(bytes, hash);
    return CRYPTO_memcmp(hash, field, PASSWORD_BYTES) == 0;
}

static void xor_into(uint8_t bytes[PASSWORD_BYTES], const uint8_t with[PASSWORD_BYTES])
{
    for (int i = 0; i < PASSWORD_BYTES; i++)
        bytes[i] ^= with[i];
}

int mef3_keys_from_password(const char *password, const uint8_t level1[16],
                            const uint8_t level2[16], struct mef3_keys *keys_out)
{
    struct mef3_keys keys = {0};
    uint8_t given[PASSWORD_BYTES], hidden[PASSWORD_BYTES];
    int status = MEF3_EPASSWORD;

    if (!password || !password[0] || (is_zero(level1) && is_zero(level2))) {
        *keys_out = keys;
        return MEF3_OK;
    }
    if (!password_bytes(password, given))
        return MEF3_EPASSWORD;

    half_hash(given, hidden);
    xor_into(hidden, level2); /* the level-1 bytes, if `given` are the level-2 bytes */
    if (hash_matches(given, level1)) {
        keys.level = 1;
        memcpy(keys.key[0], given, PASSWORD_BYTES);
        status = MEF3_OK;
    } else if (hash_matches(hidden, level1)) {
        keys.level = 2;
        memcpy(keys.key[0], hidden, PASSWORD_BYTES);
        memcpy(keys.key[1], given, PASSWORD_BYTES);
        status = MEF3_OK;
    }
    if (status == MEF3_OK)
        *keys_out = keys;
    mef3_keys_wipe(&keys);
    OPENSSL_cleanse(given, sizeof given);
    OPENSSL_cleanse(hidden, sizeof hidden);
    return status;
}

int mef3_keys_make(const char *level1, const char *level2, uint8_t level1_out[16],
                   uint8_t level2_out[16], struct mef3_keys *keys_out)
{
    struct mef3_keys keys = {0};

    if (level2 && !level1)
        return MEF3_EINVAL;
    if (level1 && (!level1[0] || !password_bytes(level1, keys.key[0])))
        return MEF3_EINVAL;
    if (level2 && (!level2[0] || !password_bytes(level2, keys.key[1])))
        return MEF3_EINVAL;

    memset(level1_out, 0, PASSWORD_BYTES);
    memset(level2_out, 0, PASSWORD_BYTES);
    if (level1) {
        keys.level = 1;
        half_hash(keys.key[0], level1_out);
    }
    if (level2) {
        keys.level = 2;
        half_hash(keys.key[1], level2_out);
        xor_into(level2_out, keys.key[0]);
    }
    *keys_out = keys;
    mef3_keys_wipe(&keys);
    return MEF3_OK;
}

void mef3_keys_wipe(struct mef3_keys *keys)
{
    OPENSSL_cleanse(keys, sizeof *keys);
}
