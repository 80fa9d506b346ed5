// RUN: checks=cpu-false-sharing

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

struct Counters {
  std::atomic<long> produced{0};
  std::atomic<long> consumed{0};
  // CHECK-MESSAGES: 'produced' and 'consumed' share a cache line and are written by different threads
};

static Counters counters;

int main() {
  std::thread producer([] {
    for (int i = 0; i < 1000; ++i) counters.produced.fetch_add(1);
  });
  std::thread consumer([] {
    for (int i = 0; i < 1000; ++i) ++counters.consumed;
  });
  producer.join();
  consumer.join();
  std::printf("%ld %ld\n", counters.produced.load(), counters.consumed.load());
  std::vector<int> data(1000, 2);
  long partial[4] = {0, 0, 0, 0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&data, &partial, t] {
      for (int i = 0; i < 250; ++i) {
        partial[t] += data[i * 4 + t];
        // CHECK-MESSAGES: threads update neighbouring elements of 'partial' in every round
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::printf("%ld\n", partial[0] + partial[1] + partial[2] + partial[3]);
  return 0;
}
