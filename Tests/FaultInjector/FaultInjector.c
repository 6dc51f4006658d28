// Loaded before the C library (LD_PRELOAD): tells a program's file-system calls, of all of its threads together, and lets
// one of them fail, or kills the process at it. The call is named by what it does to which file, for threads do not take
// turns in the same way each time; strace counts calls thread by thread, and cannot be told which one is meant.
//
//   BITIM_FAULT_UNDER  a folder: only what is about files in it counts, and the streams of answers and messages
//   BITIM_FAULT_LOG    where each call is told, a line each: number, name, path
//   BITIM_FAULT_CALL   name and path of the call that meets the fault; `*` at the end is any name
//   BITIM_FAULT_AT     which of several such calls, from 1; 0 for none
//   BITIM_FAULT        the number of the error; 0 for SIGKILL
//   BITIM_FAULT_CLOCK  by how many seconds the clock is ahead
//   BITIM_FAULT_CLEANUP  the status of a process in which OpenSSL takes itself down at the end
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *folder;
static int log_file = -1;
static const char *call;
static long at;
static int fault;
static atomic_long count, calls;
static long ahead;

__attribute__((constructor)) static void begin(void) {
    const char *clock = getenv("BITIM_FAULT_CLOCK"), *log = getenv("BITIM_FAULT_LOG");
    ahead = clock ? atol(clock) : 0;
    folder = getenv("BITIM_FAULT_UNDER");
    if (!folder || !log) { folder = NULL; return; }
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const char *number = getenv("BITIM_FAULT_AT"), *error = getenv("BITIM_FAULT");
    call = getenv("BITIM_FAULT_CALL");
    at = number && call ? atol(number) : 0;
    fault = error ? atoi(error) : 0;
}

static int is_meant(const char *name, const char *path) {
    if (!at) return 0;
    size_t length = strlen(name);
    if (strncmp(call, name, length) != 0 || call[length] != ' ') return 0;
    const char *wanted = call + length + 1;
    const char *any = strchr(wanted, '*');
    size_t whole = any ? (size_t)(any - wanted) : strlen(wanted) + 1;
    if (strncmp(wanted, path, whole) != 0 || (any && strchr(path + whole, '/'))) return 0;
    return atomic_fetch_add(&calls, 1) + 1 == at;
}

// Whether the call is to fail; the process may end here.
static int meets(const char *name, const char *path) {
    if (!*path) path = "/";
    int is_hit = is_meant(name, path);
    char line[PATH_MAX + 64];
    int length = snprintf(
        line, sizeof line, "%ld%s %s %s\n", atomic_fetch_add(&count, 1) + 1, is_hit ? "!" : "", name, path);
    syscall(SYS_write, log_file, line, (size_t)length);
    if (!is_hit) return 0;
    if (!fault) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = fault;
    return 1;
}

static int is_under(const char *path) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int at_path(const char *name, int base, const char *path) {
    if (!folder || !path) return 0;
    char whole[PATH_MAX * 2];
    if (path[0] == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char from[PATH_MAX], link[64];
        if (base == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", base);
        ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, from, sizeof from - 1);
        if (length < 0) return 0;
        from[length] = 0;
        snprintf(whole, sizeof whole, "%s/%s", from, path);
    }
    return is_under(whole) && meets(name, whole + strlen(folder));
}

static int at_file(const char *name, int descriptor) {
    if (!folder || descriptor < 0) return 0;
    if (strcmp(name, "write") == 0 && descriptor == 1) return meets(name, "/standard-output");
    if (strcmp(name, "write") == 0 && descriptor == 2) return meets(name, "/standard-error");
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_under(path) && meets(name, path + strlen(folder));
}

#define NEXT(name) static __typeof__(&name) next; if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define MODE(flags) mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags) NEXT(open); return at_path("open", AT_FDCWD, path) ? -1 : next(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) NEXT(open64); return at_path("open", AT_FDCWD, path) ? -1 : next(path, flags, mode); }
int openat(int base, const char *path, int flags, ...) { MODE(flags) NEXT(openat); return at_path("open", base, path) ? -1 : next(base, path, flags, mode); }
int openat64(int base, const char *path, int flags, ...) { MODE(flags) NEXT(openat64); return at_path("open", base, path) ? -1 : next(base, path, flags, mode); }
int creat(const char *path, mode_t mode) { NEXT(creat); return at_path("open", AT_FDCWD, path) ? -1 : next(path, mode); }
DIR *opendir(const char *path) { NEXT(opendir); return at_path("opendir", AT_FDCWD, path) ? NULL : next(path); }
FILE *fopen(const char *path, const char *how) { NEXT(fopen); return at_path("open", AT_FDCWD, path) ? NULL : next(path, how); }
FILE *fopen64(const char *path, const char *how) { NEXT(fopen64); return at_path("open", AT_FDCWD, path) ? NULL : next(path, how); }

int close(int file) {
    NEXT(close);
    if (!at_file("close", file)) return next(file);
    // As Linux does: the descriptor is gone, whatever it says.
    int error = errno;
    next(file);
    errno = error;
    return -1;
}
ssize_t read(int file, void *bytes, size_t size) { NEXT(read); return at_file("read", file) ? -1 : next(file, bytes, size); }
ssize_t pread(int file, void *bytes, size_t size, off_t place) { NEXT(pread); return at_file("pread", file) ? -1 : next(file, bytes, size, place); }
ssize_t pread64(int file, void *bytes, size_t size, off64_t place) { NEXT(pread64); return at_file("pread", file) ? -1 : next(file, bytes, size, place); }
ssize_t write(int file, const void *bytes, size_t size) { NEXT(write); return at_file("write", file) ? -1 : next(file, bytes, size); }
ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) { NEXT(pwrite); return at_file("pwrite", file) ? -1 : next(file, bytes, size, place); }
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t place) { NEXT(pwrite64); return at_file("pwrite", file) ? -1 : next(file, bytes, size, place); }
ssize_t writev(int file, const struct iovec *parts, int number) { NEXT(writev); return at_file("write", file) ? -1 : next(file, parts, number); }
int fsync(int file) { NEXT(fsync); return at_file("fsync", file) ? -1 : next(file); }
int fdatasync(int file) { NEXT(fdatasync); return at_file("fdatasync", file) ? -1 : next(file); }
int syncfs(int file) { NEXT(syncfs); return at_file("syncfs", file) ? -1 : next(file); }
int ftruncate(int file, off_t size) { NEXT(ftruncate); return at_file("ftruncate", file) ? -1 : next(file, size); }
int ftruncate64(int file, off64_t size) { NEXT(ftruncate64); return at_file("ftruncate", file) ? -1 : next(file, size); }
int fchmod(int file, mode_t mode) { NEXT(fchmod); return at_file("fchmod", file) ? -1 : next(file, mode); }
int chmod(const char *path, mode_t mode) { NEXT(chmod); return at_path("chmod", AT_FDCWD, path) ? -1 : next(path, mode); }
int rename(const char *from, const char *to) { NEXT(rename); return at_path("rename", AT_FDCWD, to) ? -1 : next(from, to); }
int renameat(int base, const char *from, int other, const char *to) { NEXT(renameat); return at_path("rename", other, to) ? -1 : next(base, from, other, to); }
int link(const char *from, const char *to) { NEXT(link); return at_path("link", AT_FDCWD, to) ? -1 : next(from, to); }
int linkat(int base, const char *from, int other, const char *to, int flags) { NEXT(linkat); return at_path("link", other, to) ? -1 : next(base, from, other, to, flags); }
int symlink(const char *from, const char *to) { NEXT(symlink); return at_path("symlink", AT_FDCWD, to) ? -1 : next(from, to); }
int mkdir(const char *path, mode_t mode) { NEXT(mkdir); return at_path("mkdir", AT_FDCWD, path) ? -1 : next(path, mode); }
int mkdirat(int base, const char *path, mode_t mode) { NEXT(mkdirat); return at_path("mkdir", base, path) ? -1 : next(base, path, mode); }
int unlink(const char *path) { NEXT(unlink); return at_path("unlink", AT_FDCWD, path) ? -1 : next(path); }
int unlinkat(int base, const char *path, int flags) { NEXT(unlinkat); return at_path("unlink", base, path) ? -1 : next(base, path, flags); }
int rmdir(const char *path) { NEXT(rmdir); return at_path("rmdir", AT_FDCWD, path) ? -1 : next(path); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    NEXT(clock_gettime);
    int result = next(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += ahead;
    return result;
}
time_t time(time_t *where) {
    NEXT(time);
    time_t now = next(NULL) + ahead;
    if (where) *where = now;
    return now;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    NEXT(gettimeofday);
    int result = next(time, zone);
    if (result == 0) time->tv_sec += ahead;
    return result;
}

void OPENSSL_cleanup(void) {
    const char *status = getenv("BITIM_FAULT_CLEANUP");
    if (status) _exit(atoi(status));
    static void (*next)(void);
    if (!next) next = (void (*)(void))dlsym(RTLD_NEXT, "OPENSSL_cleanup");
    if (next) next();
}
