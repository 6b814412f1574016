/* Stands between a program and its disk (LD_PRELOAD): counts what changes files beneath one folder, and kills
   the program, refuses a call or runs out of room at the n-th. Told what to do, and telling what it saw, through
   a page of memory that is shared with the test (`faulty_disk.py` lays it out alike).

   Reads never fail here, and a mapping of memory is not seen: SQLite maps only the index of its log. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT, KILL_BEFORE, KILL_HALFWAY, KILL_AFTER, FAIL_ONCE, FAIL_FROM, FILL };
enum { BLOCK = 4096, NAME = 256 };

struct page {
    int64_t armed, seen, at, action, error, room, refused;
    char folder[1024], last[NAME];
};

static struct page *page;

__attribute__((constructor)) static void map_page(void) {
    const char *path = getenv("DIARY_FAULTY_DISK");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *found = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (found != MAP_FAILED) page = found;
}

#define REAL(type, name, ...)                                   \
    static type (*real)(__VA_ARGS__);                           \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Paths */

static int beneath(const char *path) {
    size_t length = strlen(page->folder);
    return length && !strncmp(path, page->folder, length) && (path[length] == '/' || !path[length]);
}

static int path_of(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, out, PATH_MAX - 1);
    if (length <= 0) return 0;
    out[length] = 0;
    return 1;
}

static int whole_path(int folder, const char *path, char *out) {
    if (path[0] == '/' || folder == AT_FDCWD) {
        snprintf(out, PATH_MAX, "%s", path);
        return 1;
    }
    char base[PATH_MAX];
    if (!path_of(folder, base)) return 0;
    return snprintf(out, PATH_MAX, "%s/%s", base, path) < PATH_MAX;
}

/* Counting: the number of this call, or 0 when it does not count. */

static int64_t noted(const char *call, const char *path) {
    if (!page || !page->armed || !beneath(path)) return 0;
    int64_t number = __sync_add_and_fetch(&page->seen, 1);
    snprintf(page->last, NAME, "%s %s", call, path + strlen(page->folder));
    if (page->action == KILL_BEFORE && number == page->at) die();
    if (page->action == FILL && number == page->at) page->room = 0;
    return number;
}

static int64_t noted_fd(const char *call, int fd) {
    char path[PATH_MAX];
    if (!page || !page->armed || !path_of(fd, path)) return 0;
    return noted(call, path);
}

static int dies(int64_t number, int action) { return number && page->action == action && number == page->at; }

/* Whether the call is refused, with errno set. A filesystem that may only be read still forces to the disk. */
static int refused(int64_t number, int syncs) {
    if (!number) return 0;
    int now = (page->action == FAIL_ONCE && number == page->at) ||
              (page->action == FAIL_FROM && number >= page->at && !(syncs && page->error == EROFS));
    if (!now) return 0;
    __sync_add_and_fetch(&page->refused, 1);
    errno = (int)page->error;
    return 1;
}

static int no_room(void) {
    __sync_add_and_fetch(&page->refused, 1);
    errno = ENOSPC;
    return 1;
}

static int64_t blocks(int64_t size) { return (size + BLOCK - 1) / BLOCK * BLOCK; }

/* How many of these bytes find room at this place of the file; the room is taken. */
static size_t taken(int64_t number, int fd, size_t wanted, off_t place) {
    struct stat about;
    if (!number || page->action != FILL || number < page->at || fstat(fd, &about)) return wanted;
    if (!S_ISREG(about.st_mode)) return wanted;
    int64_t there = blocks(about.st_size);
    int64_t end = place + (int64_t)wanted;
    if (end <= there) return wanted;
    if (end > there + page->room / BLOCK * BLOCK) end = there + page->room / BLOCK * BLOCK;
    if (end <= place) return 0;
    if (blocks(end) > there) page->room -= blocks(end) - there;
    return (size_t)(end - place);
}

static int64_t size_at(const char *path) {
    struct stat about;
    if (lstat(path, &about) || about.st_nlink > 1) return 0;
    return S_ISREG(about.st_mode) ? blocks(about.st_size) + BLOCK : S_ISDIR(about.st_mode) ? BLOCK : 0;
}

/* A name takes a block of room, given back with it. */
static int name_refused(int64_t number) {
    if (!number || page->action != FILL || number < page->at) return 0;
    if (page->room < BLOCK) return no_room();
    page->room -= BLOCK;
    return 0;
}

static void given_back(int64_t number, int64_t size) {
    if (number && page->action == FILL && number >= page->at) page->room += size;
}

/* Writing */

static ssize_t written(int64_t number, int fd, size_t wanted, off_t place, ssize_t (*act)(size_t, void *), void *arg) {
    if (refused(number, 0)) return -1;
    if (dies(number, KILL_HALFWAY)) {
        act(wanted / 2, arg);
        die();
    }
    size_t room = taken(number, fd, wanted, place);
    if (!room && wanted) return no_room(), -1;
    ssize_t done = act(room, arg);
    if (dies(number, KILL_AFTER)) die();
    return done;
}

struct call { int fd; const void *bytes; off_t place; };

static ssize_t do_write(size_t size, void *arg) {
    REAL(ssize_t, "write", int, const void *, size_t);
    struct call *call = arg;
    return real(call->fd, call->bytes, size);
}

static ssize_t do_pwrite(size_t size, void *arg) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    struct call *call = arg;
    return real(call->fd, call->bytes, size, call->place);
}

ssize_t write(int fd, const void *bytes, size_t size) {
    struct call call = {fd, bytes, 0};
    int64_t number = noted_fd("write", fd);
    return number ? written(number, fd, size, lseek(fd, 0, SEEK_CUR), do_write, &call) : do_write(size, &call);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t place) {
    struct call call = {fd, bytes, place};
    return written(noted_fd("write", fd), fd, size, place, do_pwrite, &call);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t place) { return pwrite64(fd, bytes, size, place); }

#define SIMPLE(number, syncs, expression)          \
    if (refused(number, syncs)) return -1;         \
    int done = expression;                         \
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die(); \
    return done

int ftruncate64(int fd, off_t size) {
    REAL(int, "ftruncate64", int, off_t);
    int64_t number = noted_fd("truncate", fd);
    struct stat about;
    if (number && !fstat(fd, &about) && blocks(about.st_size) > blocks(size))
        given_back(number, blocks(about.st_size) - blocks(size));
    SIMPLE(number, 0, real(fd, size));
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off_t place, off_t length) {
    REAL(int, "posix_fallocate64", int, off_t, off_t);
    int64_t number = noted_fd("allocate", fd);
    if (refused(number, 0)) return (int)page->error;
    if (taken(number, fd, (size_t)length, place) < (size_t)length) return no_room(), ENOSPC;
    return real(fd, place, length);
}

int posix_fallocate(int fd, off_t place, off_t length) { return posix_fallocate64(fd, place, length); }

int fsync(int fd) {
    REAL(int, "fsync", int);
    int64_t number = noted_fd("sync", fd);
    SIMPLE(number, 1, real(fd));
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    int64_t number = noted_fd("sync", fd);
    SIMPLE(number, 1, real(fd));
}

/* Names */

static int64_t noted_at(const char *call, int folder, const char *path, char *whole) {
    if (!page || !page->armed || !whole_path(folder, path, whole)) return 0;
    return noted(call, whole);
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    REAL(int, "openat64", int, const char *, int, ...);
    char whole[PATH_MAX];
    struct stat about;
    int64_t number = 0;
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if (page && page->armed && writes && whole_path(folder, path, whole) && beneath(whole)) {
        int there = !lstat(whole, &about);
        if ((flags & O_CREAT) && !there) {
            number = noted("create", whole);
            if (refused(number, 0) || name_refused(number)) return -1;
        } else if (page->action == FAIL_FROM && page->error == EROFS && page->seen >= page->at && there) {
            return errno = EROFS, -1;
        }
    }
    int done = real(folder, path, flags, mode);
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die();
    return done;
}

#define OPENED(folder, path, flags)           \
    mode_t mode = 0;                          \
    if ((flags) & (O_CREAT | O_TMPFILE)) {    \
        va_list more;                         \
        va_start(more, flags);                \
        mode = va_arg(more, mode_t);          \
        va_end(more);                         \
    }                                         \
    return opened(folder, path, flags, mode)

int open64(const char *path, int flags, ...) { OPENED(AT_FDCWD, path, flags); }
int open(const char *path, int flags, ...) { OPENED(AT_FDCWD, path, flags); }
int openat64(int folder, const char *path, int flags, ...) { OPENED(folder, path, flags); }
int openat(int folder, const char *path, int flags, ...) { OPENED(folder, path, flags); }

static int removed(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    char whole[PATH_MAX];
    int64_t number = noted_at("remove", folder, path, whole);
    if (refused(number, 0)) return -1;
    int64_t size = number ? size_at(whole) : 0;
    int done = real(folder, path, flags);
    if (!done) given_back(number, size);
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die();
    return done;
}

int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) { return removed(folder, path, flags); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }

int truncate64(const char *path, off_t size) {
    REAL(int, "truncate64", const char *, off_t);
    char whole[PATH_MAX];
    int64_t number = noted_at("truncate", AT_FDCWD, path, whole);
    struct stat about;
    if (refused(number, 0)) return -1;
    if (number && !stat(whole, &about) && blocks(about.st_size) > blocks(size))
        given_back(number, blocks(about.st_size) - blocks(size));
    int done = real(path, size);
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die();
    return done;
}

int truncate(const char *path, off_t size) { return truncate64(path, size); }

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    char whole[PATH_MAX];
    int64_t number = noted_at("rename", AT_FDCWD, to, whole);
    if (refused(number, 0)) return -1;
    int64_t size = number ? size_at(whole) : 0;
    int done = real(from, to);
    if (!done) given_back(number, size);
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die();
    return done;
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    char whole[PATH_MAX];
    int64_t number = noted_at("create", AT_FDCWD, path, whole);
    struct stat about;
    if (refused(number, 0) || (number && lstat(whole, &about) && name_refused(number))) return -1;
    int done = real(path, mode);
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die();
    return done;
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    char whole[PATH_MAX];
    int64_t number = noted_at("link", to_folder, to, whole);
    if (refused(number, 0) || name_refused(number)) return -1;
    int done = real(from_folder, from, to_folder, to, flags);
    if (dies(number, KILL_HALFWAY) || dies(number, KILL_AFTER)) die();
    return done;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
