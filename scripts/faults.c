/* Makes one system call of a process fail: the FAULT_AT-th of the kind FAULT_CALL (write, fsync, rename, open, unlink) that
 * concerns a file under FAULT_UNDER, with the error number FAULT_ERROR; all after it as well if FAULT_STAYS is set, as on a
 * disk that is full. Loaded with LD_PRELOAD by scripts/faults. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

static int under(const char *path) {
    const char *folder = getenv("FAULT_UNDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int under_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return under(path);
}

/* Whether this call of the kind is to fail. */
static int fails(const char *kind) {
    const char *call = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERROR");
    if (!call || !at || !error || strcmp(call, kind) != 0) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number != atol(at) && !(getenv("FAULT_STAYS") && number > atol(at))) return 0;
    errno = atoi(error);
    return 1;
}

/* The function that this one stands before. */
#define NEXT(name) static __typeof__(name) *next; if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write);
    return under_fd(fd) && fails("write") ? -1 : next(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    NEXT(writev);
    return under_fd(fd) && fails("write") ? -1 : next(fd, parts, count);
}

int fsync(int fd) {
    NEXT(fsync);
    return under_fd(fd) && fails("fsync") ? -1 : next(fd);
}

int fdatasync(int fd) {
    NEXT(fdatasync);
    return under_fd(fd) && fails("fsync") ? -1 : next(fd);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return under(to) && fails("rename") ? -1 : next(from, to);
}

int unlink(const char *path) {
    NEXT(unlink);
    return under(path) && fails("unlink") ? -1 : next(path);
}

/* Both names are called. */
#define OPEN(name)                                                                                     \
    int name(const char *path, int flags, ...) {                                                       \
        NEXT(name);                                                                                    \
        va_list rest;                                                                                  \
        va_start(rest, flags);                                                                         \
        mode_t mode = va_arg(rest, mode_t);                                                            \
        va_end(rest);                                                                                  \
        int writes = (flags & O_ACCMODE) != O_RDONLY;                                                  \
        return writes && under(path) && fails("open") ? -1 : next(path, flags, mode);                  \
    }

OPEN(open)
OPEN(open64)
