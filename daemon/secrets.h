/* secrets.h - the passwords that the supervisor is given, for the workers alone. */
#ifndef DAEMON_SECRETS_H
#define DAEMON_SECRETS_H

/* Reads the file (its name may be "": none) and takes MEF3_PASSWORD out of the
 * environment, where /proc would show it. A descriptor of what both say, for
 * WORKER_FD_PASSWORDS; or -1 after saying on stderr what is wrong. */
int secrets_read(const char *file);

#endif
