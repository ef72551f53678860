// Calls an echo server for a while with gRPC C++: the peer of bench-client, with its arguments and its line of JSON.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench.grpc.pb.h"

using Clock = std::chrono::steady_clock;
using Stub = bench::Echo::Stub;

struct Done {
  std::atomic<long> messages{0}, bytes{0}, failed{0};
  std::mutex lock;
  std::condition_variable changed;
  int running = 0;

  void began() {
    std::lock_guard<std::mutex> held(lock);
    ++running;
  }
  void ended() {
    std::lock_guard<std::mutex> held(lock);
    --running;
    changed.notify_all();
  }
  void wait() {
    std::unique_lock<std::mutex> held(lock);
    changed.wait(held, [this] { return running == 0; });
  }
};

// One call after the other, each begun when the one before has ended.
class Caller {
 public:
  Caller(Stub* stub, const bench::Msg& message, Clock::time_point end, Done* done)
      : stub_(stub), message_(message), end_(end), done_(done) {
    done_->began();
    next();
  }

 private:
  void next() {
    if (Clock::now() >= end_) {
      done_->ended();
      delete this;
      return;
    }
    context_.reset(new grpc::ClientContext);
    stub_->async()->Unary(context_.get(), &message_, &reply_, [this](grpc::Status status) {
      done_->messages++;
      done_->bytes += reply_.payload().size();
      if (!status.ok() || reply_.payload().size() != message_.payload().size()) done_->failed++;
      next();
    });
  }

  Stub* stub_;
  bench::Msg message_, reply_;
  Clock::time_point end_;
  Done* done_;
  std::unique_ptr<grpc::ClientContext> context_;
};

// A stream with up to 16 messages under way, half a mebibyte of them at most.
class Stream : public grpc::ClientBidiReactor<bench::Msg, bench::Msg> {
 public:
  Stream(Stub* stub, const bench::Msg& message, Clock::time_point end, Done* done)
      : message_(message), end_(end), done_(done) {
    done_->began();
    stub->async()->Stream(&context_, this);
    StartRead(&reply_);
    wanted_ = std::max<int>(1, std::min<int>(16, (512 << 10) / std::max<int>(1, message.payload().size())));
    writing_ = true;
    StartWrite(&message_);
    StartCall();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return;
    std::lock_guard<std::mutex> held(lock_);
    if (--wanted_ > 0) {
      StartWrite(&message_);
      return;
    }
    writing_ = false;
    if (over_) StartWritesDone();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    done_->messages++;
    done_->bytes += reply_.payload().size();
    if (reply_.payload().size() != message_.payload().size()) done_->failed++;
    {
      std::lock_guard<std::mutex> held(lock_);
      if (Clock::now() < end_) {
        if (wanted_++ == 0) {
          writing_ = true;
          StartWrite(&message_);
        }
      } else if (!over_) {
        over_ = true;
        if (!writing_) StartWritesDone();
      }
    }
    StartRead(&reply_);
  }

  void OnDone(const grpc::Status& status) override {
    if (!status.ok()) done_->failed++;
    done_->ended();
    delete this;
  }

 private:
  grpc::ClientContext context_;
  bench::Msg message_, reply_;
  Clock::time_point end_;
  Done* done_;
  std::mutex lock_;
  int wanted_ = 0;
  bool writing_ = false, over_ = false;
};

static void run(std::vector<std::unique_ptr<Stub>>& stubs, bool unary, int seconds, int concurrency,
                const bench::Msg& message, Done* done) {
  auto end = Clock::now() + std::chrono::seconds(seconds);
  done->began();
  for (auto& stub : stubs)
    for (int i = 0; i < concurrency; i++)
      if (unary)
        new Caller(stub.get(), message, end, done);
      else
        new Stream(stub.get(), message, end, done);
  done->ended();
  done->wait();
}

static double cpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char** argv) {
  if (argc != 7) {
    fprintf(stderr, "USAGE: client HOST:PORT unary|stream SECONDS CONNECTIONS CONCURRENCY BYTES\n");
    return 64;
  }
  bool unary = !strcmp(argv[2], "unary");
  int seconds = atoi(argv[3]), connections = atoi(argv[4]), concurrency = atoi(argv[5]), bytes = atoi(argv[6]);
  std::vector<std::unique_ptr<Stub>> stubs;
  for (int i = 0; i < connections; i++) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("bench.connection", i);  // equal channels would share one connection
    stubs.push_back(bench::Echo::NewStub(
        grpc::CreateCustomChannel(argv[1], grpc::InsecureChannelCredentials(), arguments)));
  }
  bench::Msg message;
  message.set_payload(std::string(bytes, 'a'));
  message.set_id("id");
  message.set_n(7);
  Done warm, done;
  run(stubs, unary, 1, concurrency, message, &warm);
  auto start = Clock::now();
  double before = cpu();
  run(stubs, unary, seconds, concurrency, message, &done);
  double used = cpu() - before;
  double wall = std::chrono::duration<double>(Clock::now() - start).count();
  printf("{\"messages\": %ld, \"bytes\": %ld, \"seconds\": %f, \"cpu_us\": %f, \"failed\": %ld}\n",
         done.messages.load(), done.bytes.load(), wall,
         done.messages ? used * 1e6 / done.messages.load() : 0.0, done.failed.load());
  fflush(stdout);
  _exit(0);
}
