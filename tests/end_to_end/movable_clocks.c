/* Preloaded before a program's libc: its clocks are ahead by what a shared file says, so that a test can let
   time pass, or let the machine seem to have slept. Two doubles: seconds awake, seconds asleep.
   Who waits until a time of these clocks waits by the kernel's, which are behind; so that is taken off again. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile double *ahead;

#define ORIGINAL(type, name) ((type)dlsym(RTLD_NEXT, name))

__attribute__((constructor)) static void begin(void) {
    int file = open(getenv("MOVABLE_CLOCKS"), O_RDONLY);
    if (file >= 0) {
        void *place = mmap(NULL, 2 * sizeof(double), PROT_READ, MAP_SHARED, file, 0);
        ahead = place == MAP_FAILED ? NULL : place;
        close(file);
    }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*original)(clockid_t, struct timespec *);
    if (!original) original = ORIGINAL(int (*)(clockid_t, struct timespec *), "clock_gettime");
    int result = original(clock, time);
    if (result == 0 && ahead && (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME))
        time->tv_sec += (time_t)(ahead[0] + (clock == CLOCK_BOOTTIME ? ahead[1] : 0));
    return result;
}

static struct timespec theirs(const struct timespec *until, clockid_t clock) {
    struct timespec real = *until;
    if (ahead && clock == CLOCK_MONOTONIC) real.tv_sec -= (time_t)ahead[0];
    if (real.tv_sec < 0) real.tv_sec = 0;
    return real;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    static int (*original)(clockid_t, int, const struct timespec *, struct timespec *);
    if (!original)
        original = ORIGINAL(int (*)(clockid_t, int, const struct timespec *, struct timespec *), "clock_nanosleep");
    struct timespec real = flags & TIMER_ABSTIME ? theirs(until, clock) : *until;
    return original(clock, flags, &real, left);
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
    static int (*original)(sem_t *, clockid_t, const struct timespec *);
    if (!original) original = ORIGINAL(int (*)(sem_t *, clockid_t, const struct timespec *), "sem_clockwait");
    struct timespec real = theirs(until, clock);
    return original(semaphore, clock, &real);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    static int (*original)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!original)
        original = ORIGINAL(int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *),
                            "pthread_cond_timedwait");
    /* The clock is the condition's; no machine has been up for as long as it is since 1970. */
    struct timespec real = theirs(until, until->tv_sec < 1000000000 ? CLOCK_MONOTONIC : CLOCK_REALTIME);
    return original(condition, mutex, &real);
}
