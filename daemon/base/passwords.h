/* passwords.h - the passwords of recordings, as a list of patterns.
 *
 * A line is a pattern, spaces or tabs, and the password: the rest of the line as
 * it stands, so that it may hold spaces. A pattern is a shell's (*, ?, [...]; a
 * space in it is written "\ "), and fits a recording by its absolute path, its
 * path within its root, or its name; `*` stands for slashes too. The first line
 * that fits has the password. Empty lines and lines that begin with # are passed
 * over.
 *
 * The list is looked through where it stands: it is copied nowhere. */
#ifndef BASE_PASSWORDS_H
#define BASE_PASSWORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A longer password than this is none: the format has 16 characters. */
#define PASSWORD_ROOM 128
#define PASSWORDS_MOST_BYTES (1 << 20)

struct passwords {
    const char *list;
    size_t n;
};

/* What is wrong with the list, without a word of it; NULL: nothing. */
const char *passwords_check(const struct passwords *passwords, size_t *line_out);

/* The password of the recording at an absolute path beneath `root`. False: none.
 * The caller wipes password_out. */
bool passwords_find(const struct passwords *passwords, const char *path, const char *root,
                    char password_out[PASSWORD_ROOM]);

/* What a request carries as "mef3-password", or as "mef3-password-bin", which is base64 and may be
 * any UTF-8. Zero-terminated, and "" for none; the caller wipes it. False: it is malformed. */
bool password_of_field(const void *field, size_t n, bool is_base64,
                       char password_out[PASSWORD_ROOM]);

/* Takes as long wherever they differ. NULL, no password, equals NULL only. */
bool password_equals(const char *a, const char *b);
/* Wipes it first. NULL is allowed. */
void password_free(char *password);

/* Lists go from the supervisor to the workers as a sealed file in memory.
 * -1, and errno: there is none. */
int passwords_share(const struct passwords *passwords);
/* Maps what was shared, out of core dumps, for as long as the process lives. An
 * empty list where there is none. */
struct passwords passwords_take(int fd);

#endif
