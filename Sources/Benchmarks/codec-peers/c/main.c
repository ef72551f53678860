// The codecs of libprotobuf-c as a peer of Weft's.
//
// `codec-peer-c --inputs DIR --time WORKLOAD OPERATION` prints the least and the median nanoseconds of an operation;
// `--repeat N` in the place of `--time` runs it N times and prints nothing, for counters of instructions and allocations.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec.pb-c.h"

enum operation { DECODE, ENCODE, ENCODE_INTO };
enum { SAMPLES = 25 };

struct work {
    enum operation operation;
    const ProtobufCMessageDescriptor* type;
    uint8_t* bytes;
    size_t count;
    ProtobufCMessage* message;
    uint8_t* buffer;
};

static void fail(const char* message) {
    fprintf(stderr, "codec-peer-c: %s\n", message);
    exit(2);
}

// Keeps a value from being optimised away.
static void use(const void* value) { __asm__ volatile("" : : "r"(value) : "memory"); }

static void step(const struct work* work) {
    switch (work->operation) {
    case DECODE: {
        ProtobufCMessage* message = protobuf_c_message_unpack(work->type, NULL, work->count, work->bytes);
        if (message == NULL) fail("a message is not valid");
        use(message);
        protobuf_c_message_free_unpacked(message, NULL);
        break;
    }
    case ENCODE: {
        uint8_t* packed = malloc(protobuf_c_message_get_packed_size(work->message));
        protobuf_c_message_pack(work->message, packed);
        use(packed);
        free(packed);
        break;
    }
    case ENCODE_INTO:
        // A caller that reuses memory still has to ask whether the message fits.
        if (protobuf_c_message_get_packed_size(work->message) > work->count) fail("a message has grown");
        protobuf_c_message_pack(work->message, work->buffer);
        use(work->buffer);
        break;
    }
}

static const ProtobufCMessageDescriptor* type(const char* workload) {
    if (!strcmp(workload, "small")) return &bench__codec__small__descriptor;
    if (!strcmp(workload, "nested")) return &bench__codec__course__descriptor;
    if (!strcmp(workload, "blob") || !strcmp(workload, "text")) return &bench__codec__blob__descriptor;
    if (!strcmp(workload, "packed")) return &bench__codec__packed_varint__descriptor;
    if (!strcmp(workload, "doubles")) return &bench__codec__packed_double__descriptor;
    if (!strcmp(workload, "struct")) return &bench__codec__struct__descriptor;
    return NULL;
}

static void read_input(struct work* work, const char* folder, const char* workload) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.bin", folder, workload);
    FILE* file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) fail("an input is missing");
    work->count = (size_t)ftell(file);
    rewind(file);
    work->bytes = malloc(work->count);
    work->buffer = malloc(work->count);
    if (fread(work->bytes, 1, work->count, file) != work->count) fail("an input cannot be read");
    fclose(file);
    work->message = protobuf_c_message_unpack(work->type, NULL, work->count, work->bytes);
    if (work->message == NULL || protobuf_c_message_get_packed_size(work->message) != work->count)
        fail("a message does not survive a round trip");
}

static double sample(const struct work* work, long rounds) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long round = 0; round < rounds; round++) step(work);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
}

static int ascending(const void* left, const void* right) {
    double a = *(const double*)left, b = *(const double*)right;
    return (a > b) - (a < b);
}

// Short samples, so that the least of them was not interrupted.
static void time_steps(const struct work* work) {
    double samples[SAMPLES];
    long rounds = 1;
    while (sample(work, rounds) < 1e6) rounds *= 2;
    for (int index = 0; index < SAMPLES; index++) samples[index] = sample(work, rounds) / (double)rounds;
    qsort(samples, SAMPLES, sizeof samples[0], ascending);
    printf("%f %f\n", samples[0], samples[SAMPLES / 2]);
}

int main(int count, char** arguments) {
    if (count < 6 || strcmp(arguments[1], "--inputs")) fail("usage: --inputs DIR (--time | --repeat N) WORKLOAD OPERATION");
    const char* workload = arguments[count - 2];
    const char* operation = arguments[count - 1];
    struct work work = {.type = type(workload)};
    if (!strcmp(operation, "decode")) work.operation = DECODE;
    else if (!strcmp(operation, "encode")) work.operation = ENCODE;
    else if (!strcmp(operation, "encode-into")) work.operation = ENCODE_INTO;
    else work.type = NULL;
    if (work.type == NULL) {
        puts("none");
        return 0;
    }
    read_input(&work, arguments[2], workload);
    if (!strcmp(arguments[3], "--time")) {
        time_steps(&work);
    } else {
        for (long left = atol(arguments[4]); left > 0; left--) step(&work);
    }
    return 0;
}
