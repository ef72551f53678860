// Counts a program's allocations when preloaded (LD_PRELOAD), and prints the count to stderr when the program ends.
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// glibc's own names for what this library takes the place of.
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static _Atomic unsigned long allocations;

static void count(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

void* malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void* calloc(size_t items, size_t size) {
    count();
    return __libc_calloc(items, size);
}

void* realloc(void* memory, size_t size) {
    count();
    return __libc_realloc(memory, size);
}

void* memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** memory, size_t alignment, size_t size) {
    *memory = memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}

__attribute__((destructor)) static void report(void) { fprintf(stderr, "allocations %lu\n", atomic_load(&allocations)); }
