// RUN: checks=cpu-false-sharing

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

struct Counters {
  alignas(64) std::atomic<long> produced{0};
  alignas(64) std::atomic<long> consumed{0};
};

// Both written by the same thread.
struct Position {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
};

static Counters counters;
static Position position;

int main() {
  std::thread producer([] {
    for (int i = 0; i < 1000; ++i) counters.produced.fetch_add(1);
    position.x = 1;
    position.y = 2;
  });
  std::thread consumer([] {
    for (int i = 0; i < 1000; ++i) counters.consumed.fetch_add(1);
  });
  producer.join();
  consumer.join();
  std::vector<int> data(1000, 2);
  long partial[4] = {0, 0, 0, 0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&data, &partial, t] {
      long sum = 0;
      for (int i = 0; i < 250; ++i) sum += data[i * 4 + t];
      partial[t] = sum;
    });
  }
  for (auto& thread : threads) thread.join();
  std::printf("%ld %d\n", partial[0], position.x.load() + position.y.load());
  return 0;
}
