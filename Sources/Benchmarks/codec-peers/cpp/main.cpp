// The codecs of C++ protobuf (Debian's libprotobuf) as a peer of Weft's, messages on the heap or in an arena.
//
// `codec-peer-cpp heap --inputs DIR --time WORKLOAD OPERATION` prints the least and the median nanoseconds of an operation;
// `--repeat N` in the place of `--time` runs it N times and prints nothing, for counters of instructions and allocations.
#include <google/protobuf/arena.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "codec.pb.h"

namespace pb = google::protobuf;
using Step = std::function<void()>;

// Keeps a value from being optimised away.
template <typename Value>
static void use(const Value& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

[[noreturn]] static void fail(const std::string& message) {
    fprintf(stderr, "codec-peer-cpp: %s\n", message.c_str());
    exit(2);
}

static std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename M>
static Step binarySteps(bool inArena, const std::string& operation, const std::string& bytes) {
    if (operation == "decode") {
        if (!inArena) return [bytes] {
            M message;
            if (!message.ParseFromArray(bytes.data(), bytes.size())) fail("a message is not valid");
            use(message);
        };
        return [bytes] {
            pb::Arena arena;
            M* message = pb::Arena::CreateMessage<M>(&arena);
            if (!message->ParseFromArray(bytes.data(), bytes.size())) fail("a message is not valid");
            use(*message);
        };
    }
    // These live as long as the program.
    M* message = inArena ? pb::Arena::CreateMessage<M>(new pb::Arena) : new M;
    if (!message->ParseFromString(bytes) || message->ByteSizeLong() != bytes.size()) fail("a message does not survive");
    if (operation == "encode") return [message] { use(message->SerializeAsString()); };
    if (operation == "encode-into") {
        auto buffer = std::make_shared<std::vector<uint8_t>>(bytes.size());
        return [message, buffer] {
            message->ByteSizeLong();
            use(*message->SerializeWithCachedSizesToArray(buffer->data()));
        };
    }
    return nullptr;
}

template <typename M>
static Step step(bool inArena, const std::string& operation, const std::string& bytes, const std::string& json) {
    if (Step found = binarySteps<M>(inArena, operation, bytes)) return found;
    // The JSON of C++ knows no arena worth the name.
    if (json.empty() || inArena) return nullptr;
    pb::util::TypeResolver* types =
        pb::util::NewTypeResolverForDescriptorPool("type.googleapis.com", pb::DescriptorPool::generated_pool());
    const std::string url = "type.googleapis.com/" + M::descriptor()->full_name();
    auto check = [](const pb::util::Status& status) { if (!status.ok()) fail(status.ToString()); };
    if (operation == "binary-to-json") return [=] {
        std::string text;
        check(pb::util::BinaryToJsonString(types, url, bytes, &text));
        use(text);
    };
    if (operation == "json-to-binary") return [=] {
        std::string binary;
        check(pb::util::JsonToBinaryString(types, url, json, &binary));
        use(binary);
    };
    if (operation == "message-to-json") {
        M* message = new M;
        message->ParseFromString(bytes);
        return [=] {
            std::string text;
            check(pb::util::MessageToJsonString(*message, &text));
            use(text);
        };
    }
    if (operation == "json-to-message") return [=] {
        M message;
        check(pb::util::JsonStringToMessage(json, &message));
        use(message);
    };
    return nullptr;
}

static Step step(bool inArena, const std::string& inputs, const std::string& workload, const std::string& operation) {
    using namespace bench::codec;
    const std::string bytes = contents(inputs + "/" + workload + ".bin");
    const std::string json = contents(inputs + "/" + workload + ".json");
    if (workload == "small") return step<Small>(inArena, operation, bytes, json);
    if (workload == "nested") return step<Course>(inArena, operation, bytes, json);
    if (workload == "blob" || workload == "text") return step<Blob>(inArena, operation, bytes, json);
    if (workload == "packed") return step<PackedVarint>(inArena, operation, bytes, json);
    if (workload == "doubles") return step<PackedDouble>(inArena, operation, bytes, json);
    if (workload == "struct") return step<Struct>(inArena, operation, bytes, json);
    return nullptr;
}

// Short samples, so that the least of them was not interrupted.
static void time(const Step& step) {
    using Clock = std::chrono::steady_clock;
    auto sample = [&](long rounds) {
        auto start = Clock::now();
        for (long round = 0; round < rounds; round++) step();
        return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
    };
    long rounds = 1;
    while (sample(rounds) < 1e6) rounds *= 2;
    std::vector<double> samples(25);
    for (double& value : samples) value = sample(rounds) / double(rounds);
    std::sort(samples.begin(), samples.end());
    printf("%f %f\n", samples.front(), samples[samples.size() / 2]);
}

int main(int count, char** arguments) {
    if (count < 7 || std::string(arguments[2]) != "--inputs")
        fail("usage: (heap | arena) --inputs DIR (--time | --repeat N) WORKLOAD OPERATION");
    Step found = step(std::string(arguments[1]) == "arena", arguments[3], arguments[count - 2], arguments[count - 1]);
    if (!found) {
        puts("none");
        return 0;
    }
    if (std::string(arguments[4]) == "--time") {
        time(found);
    } else {
        for (long left = atol(arguments[5]); left > 0; left--) found();
    }
    return 0;
}
