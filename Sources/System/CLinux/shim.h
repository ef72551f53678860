/* What Glibc's own module map does not bring to Swift: epoll, eventfd, signalfd, timerfd, and calls whose C types do not import.
 * No _GNU_SOURCE: with it, types of headers that Glibc's module has as well would differ between the two. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

/* Declared under _GNU_SOURCE alone. */
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

#include <signal.h>

/* prctl takes variable arguments, which Swift cannot call. */
static inline int weft_signal_at_parents_death(int signal_number) {
    return prctl(PR_SET_PDEATHSIG, signal_number);
}

#include <malloc.h>

/* Bytes that malloc has given out and not got back: what a soak compares, since the process keeps freed pages. */
static inline size_t weft_heap_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
